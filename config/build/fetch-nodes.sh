#!/bin/sh
# Puts Node's binary for both architectures into node_modules: npm installs only this machine's own, and an old npm
# does not link it into node_modules/.bin.
set -eu
for arch in x64 arm64; do
  directory=node_modules/node-linux-$arch/bin
  [ -f "$directory/node" ] && continue
  mkdir -p "$directory"
  os_installer/fetch-node.sh "$arch" "$directory/node.new"
  chmod 755 "$directory/node.new"
  mv "$directory/node.new" "$directory/node"
done
case $(uname -m) in
  x86_64) own=x64 ;;
  *) own=arm64 ;;
esac
[ -e node_modules/.bin/node ] || ln -s "../node-linux-$own/bin/node" node_modules/.bin/node
