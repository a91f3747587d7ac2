#!/bin/sh
# Prints one checksum over all that goes into the image: the same files that .dockerignore lets through.
set -eu
if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; else sum='shasum -a 256'; fi
# shellcheck disable=SC2086 # shasum has an option
find Dockerfile .dockerignore package.json package-lock.json supervisord.conf lab/package.json \
  config boot_handler vm_watcher os_installer initrd \
  \( -name node_modules -o -name test \) -prune -o -type f -print |
  LC_ALL=C sort | tr '\n' '\0' | xargs -0 $sum | $sum | cut -d ' ' -f 1
