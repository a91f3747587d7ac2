#!/bin/sh
# Usage: bundle.sh OUTDIR: each of the container's own programs as one CommonJS file.
set -eu
out=$1
bundle() {
  esbuild "$2" --bundle --platform=node --target=node24 --format=cjs --keep-names --log-level=warning --outfile="$out/$1.cjs"
}
bundle entrypoint config/entrypoint/main.ts
bundle boot_handler boot_handler/src/main.ts
bundle vm_watcher vm_watcher/src/main.ts
bundle lint-vms config/src/lint-vms/main.ts
