#!/bin/sh
# Installs the npm packages when the lock file is newer than what is installed, and Node's binary for both architectures.
set -eu
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  npm ci --no-audit --no-fund --loglevel=error
  touch "$installed"
fi
config/build/fetch-nodes.sh
