#!/bin/sh
# Usage: strip-node.sh x64|arm64 FILE: writes the Node of an architecture (npm's name) without symbols: 126 MB become 108.
set -eu
node=$(cd "$(dirname "$0")/../.." && pwd)/node_modules/node-linux-$1/bin/node
[ -f "$node" ] || { echo "strip \"$node\": it does not exist; config/build/fetch-nodes.sh fetches it" >&2; exit 1; }
mkdir -p "$(dirname "$2")"
# The first strip that knows the file's format.
for program in strip aarch64-linux-gnu-strip x86_64-linux-gnu-strip llvm-strip; do
  if command -v "$program" >/dev/null && "$program" -o "$2" "$node" 2>/dev/null; then
    chmod 755 "$2"
    exit 0
  fi
done
echo "strip \"$node\": no strip here knows this format; install binutils-multiarch" >&2
exit 1
