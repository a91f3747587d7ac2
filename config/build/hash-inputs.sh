#!/bin/sh
# Prints one checksum over all that goes into the image: the Dockerfile, what it copies, and how it is built.
# With --list it prints the files' names.
set -eu
if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; else sum='shasum -a 256'; fi

# Usage: list_files CONDITION…: further conditions of find(1).
list_files() {
  # Every source of a COPY that is not from another stage; the last word is where it goes.
  copied=$(sed -n -e '/--from=/d' -e 's/^COPY \(.*\) [^ ]*$/\1/p' Dockerfile)
  # shellcheck disable=SC2086 # a list of paths
  find Dockerfile .dockerignore config/build/make-image.sh config/build/builders.sh config/build/make-base.sh $copied \
    \( -name node_modules -o -name test -o -name .DS_Store \) -prune -o -type f "$@" -print | LC_ALL=C sort -u
}

if [ "${1:-}" = --list ]; then list_files; exit 0; fi
{
  # shellcheck disable=SC2086 # shasum has an option
  list_files | tr '\n' '\0' | xargs -0 $sum
  echo 'of these can be executed:'
  list_files -perm -100
} | $sum | cut -d ' ' -f 1
