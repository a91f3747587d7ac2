#!/bin/sh
# Puts Node's binary for both architectures into node_modules: npm installs only this machine's own.
set -eu
for arch in x64 arm64; do
  directory=node_modules/node-linux-$arch/bin
  [ -f "$directory/node" ] && continue
  mkdir -p "$directory"
  os_installer/fetch-node.sh "$arch" "$directory/node.new"
  mv "$directory/node.new" "$directory/node"
done
