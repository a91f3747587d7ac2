#!/bin/sh
# Compiles the installer to one executable per architecture: OUTDIR/os-installer-x86_64 and OUTDIR/os-installer-aarch64.
# Downloads nothing: Node is that of node_modules (config/build/fetch-nodes.sh). HOME stays untouched.
# The same bundle at the same path gives the same bytes: pkg writes the bundle's absolute path into the executable.
# usage: compile.sh BUNDLE OUTDIR       BUNDLE: the installer as one CommonJS file
# needs: npm's packages; strip for both architectures (binutils-multiarch, or the cross binutils)
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
PATH=$root/node_modules/.bin:$PATH
export PATH

fail() {
  echo "compile: $*" >&2
  exit 1
}

[ $# -eq 2 ] || fail "got $# arguments; usage: compile.sh BUNDLE OUTDIR"
bundle=$1
[ -f "$bundle" ] || fail "bundle \"$bundle\" does not exist; config/build/bundle.sh writes it"
mkdir -p "$2"
out=$(cd "$2" && pwd)

# pkg looks for Node below HOME, in .pkg-cache/sea, and trusts what has a file ".ok" beside it.
home=$root/build/pkg-home
cache=$home/.pkg-cache/sea
version=$(node -p 'process.versions.node')

# provide_node ARCH: a stripped Node with ICU's data of English alone where pkg finds it: an executable that pkg has made must not be
# altered.
provide_node() {
  name=node-v$version-linux-$1
  binary=$cache/$name/bin/node
  [ -f "$binary.ok" ] && return 0
  "$root/config/build/strip-node.sh" "$1" "$binary"
  node "$root/config/build/trim-icu.ts" "$binary"
  # The archive itself is not read once its program is unpacked.
  : >"$cache/$name.tar.gz"
  : >"$cache/$name.tar.gz.ok"
  : >"$binary.ok"
}

provide_node x64
provide_node arm64

HOME=$home pkg --sea --targets "node$version-linux-x64,node$version-linux-arm64" --output "$out/os-installer" "$bundle" ||
  fail "make executables from $bundle: pkg exited with $?"
mv "$out/os-installer-x64" "$out/os-installer-x86_64"
mv "$out/os-installer-arm64" "$out/os-installer-aarch64"
