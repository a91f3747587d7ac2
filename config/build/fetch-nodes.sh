#!/bin/sh
# Puts Node's binary for both architectures into node_modules: npm installs only this machine's own, and an old npm
# does not link it into node_modules/.bin. What npm left out is fetched as a package of the version that the lock file pins,
# and checked against the lock file's integrity.
set -eu

fail() {
  echo "fetch Node: $*" >&2
  exit 1
}

# fetch_node x64|arm64 FILE
fetch_node() {
  name=node-linux-$1
  file=$2
  # prints "VERSION ALGORITHM BASE64"
  pinned=$(node -p "
    const entry = require('./package-lock.json').packages['node_modules/$name'];
    [entry.version, ...entry.integrity.split(/-(.*)/s).slice(0, 2)].join(' ')
  ") || fail "find \"node_modules/$name\" in package-lock.json: not there; run npm install and commit the lock file"
  # shellcheck disable=SC2086 # three words
  set -- $pinned
  # npm prints the name of the file.
  packed=$(cd "$work" && npm pack --silent "$name@$1") || fail "download $name@$1: npm pack exited with $?"
  actual=$(node -p "
    require('node:crypto').createHash('$2').update(require('node:fs').readFileSync('$work/$packed')).digest('base64')
  ")
  [ "$actual" = "$3" ] || fail "check $name@$1: integrity \"$2-$actual\" is not the lock file's \"$2-$3\""
  tar -xzf "$work/$packed" -C "$work" package/bin/node
  mv "$work/package/bin/node" "$file"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
for arch in x64 arm64; do
  directory=node_modules/node-linux-$arch/bin
  [ -f "$directory/node" ] && continue
  mkdir -p "$directory"
  fetch_node "$arch" "$directory/node.new"
  chmod 755 "$directory/node.new"
  mv "$directory/node.new" "$directory/node"
done
case $(uname -m) in
  x86_64) own=x64 ;;
  *) own=arm64 ;;
esac
[ -e node_modules/.bin/node ] || ln -s "../node-linux-$own/bin/node" node_modules/.bin/node
