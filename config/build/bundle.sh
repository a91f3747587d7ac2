#!/bin/sh
# Usage: bundle.sh OUTDIR METADIR: each of the container's own programs as one CommonJS file, and what it is made of.
set -eu
out=$1
meta=$2
mkdir -p "$meta"
bundle() {
  esbuild "$2" --bundle --platform=node --target=node24 --format=cjs --keep-names --log-level=warning --outfile="$out/$1.cjs" \
    --metafile="$meta/$1.json"
}
bundle entrypoint config/entrypoint/main.ts
bundle boot_handler boot_handler/src/main.ts
bundle vm_watcher vm_watcher/src/main.ts
bundle lint-vms config/src/lint-vms/main.ts
