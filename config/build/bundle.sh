#!/bin/sh
# Usage: bundle.sh OUTDIR METADIR: each program of the project as one CommonJS file in OUTDIR/services (the container's own),
# OUTDIR/installer and OUTDIR/initrd (builds the initrds), and the schemas as JSON in OUTDIR/schemas; METADIR says what the
# programs in the image are made of.
set -eu
out=$1
meta=$2
mkdir -p "$meta"

# bundle FILE ENTRY OPTION…
bundle() {
  outfile=$out/$1
  entry=$2
  shift 2
  esbuild "$entry" --bundle --platform=node --target=node24 --format=cjs --log-level=warning --outfile="$outfile" "$@"
}
service() { bundle "services/$1.cjs" "$2" --keep-names --metafile="$meta/$1.json"; }

service entrypoint config/container/main.ts
service boot_handler boot_handler/src/main.ts
service vm_watcher vm_watcher/src/main.ts
service image-inspector config/inspect/main.ts
service lint-vms config/lint/main.ts
service image config/import/main.ts
# Names stay readable in stack traces.
bundle installer/os-installer.cjs os_installer/src/main.ts --minify-whitespace --minify-syntax \
  --metafile="$meta/os-installer.json"
bundle initrd/initrd.cjs initrd/src/main.ts --minify-whitespace

node config/build/write-schemas.ts "$out/schemas"
