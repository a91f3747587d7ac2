#!/bin/sh
# Puts the Node program of one architecture, as the lock file pins it, into a file.
# Taken from node_modules where npm installed it; npm leaves out the other architecture, so that one is fetched as a
# package and checked against the lock file's integrity.
# usage: fetch-node.sh x64|arm64 FILE
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
	echo "fetch-node: $*" >&2
	exit 1
}

[ $# -eq 2 ] || fail "got $# arguments; usage: fetch-node.sh x64|arm64 FILE"
name=node-linux-$1
file=$2

if [ -f "$root/node_modules/$name/bin/node" ]; then
	cp "$root/node_modules/$name/bin/node" "$file"
	exit 0
fi

# prints "VERSION ALGORITHM BASE64"
pinned=$(node -p "
	const entry = require('$root/package-lock.json').packages['node_modules/$name'];
	[entry.version, ...entry.integrity.split(/-(.*)/s).slice(0, 2)].join(' ')
") || fail "find \"node_modules/$name\" in package-lock.json: not there; run npm install and commit the lock file"
# shellcheck disable=SC2086 # three words
set -- $pinned

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# npm prints the name of the file.
packed=$(cd "$work" && npm pack --silent "$name@$1") || fail "download $name@$1: npm pack exited with $?"
actual=$(node -p "
	require('node:crypto').createHash('$2').update(require('node:fs').readFileSync('$work/$packed')).digest('base64')
")
[ "$actual" = "$3" ] || fail "check $name@$1: integrity \"$2-$actual\" is not the lock file's \"$2-$3\""
tar -xzf "$work/$packed" -C "$work" package/bin/node
mv "$work/package/bin/node" "$file"
