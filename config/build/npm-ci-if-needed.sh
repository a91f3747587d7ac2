#!/bin/sh
# Installs the npm packages when the lock file is newer than what is installed, and Node's binary for both architectures.
set -eu
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  command -v npm >/dev/null || { echo 'install the npm packages: npm is not here; install the packages nodejs and npm' >&2; exit 1; }
  npm ci --no-audit --no-fund --loglevel=error
  touch "$installed"
fi
config/build/fetch-nodes.sh
