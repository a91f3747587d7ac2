#!/bin/sh
# Usage: strip-node.sh x64|arm64 FILE: writes the Node of an architecture (npm's name) without symbols: 126 MB become 108.
set -eu
node=$(cd "$(dirname "$0")/../.." && pwd)/node_modules/node-linux-$1/bin/node
[ -f "$node" ] || { echo "strip \"$node\": it does not exist; config/build/fetch-nodes.sh fetches it" >&2; exit 1; }
mkdir -p "$(dirname "$2")"
# The first strip that knows the file's format.
said=
for program in strip aarch64-linux-gnu-strip x86_64-linux-gnu-strip llvm-strip; do
  command -v "$program" >/dev/null || continue
  if words=$("$program" -o "$2" "$node" 2>&1); then
    chmod 755 "$2"
    exit 0
  fi
  said="$said$words
"
done
echo "strip \"$node\": no strip here could do it; install binutils-multiarch, if that is what is missing. $said" >&2
exit 1
