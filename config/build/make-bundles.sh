#!/bin/sh
# Writes each service of the container as one file into build/bundles/services. The image build does so for itself, so that where npm
# is missing nothing is lost.
set -eu
. config/build/builders.sh
if ! command -v esbuild >/dev/null 2>&1; then
  if ! command -v npm >/dev/null 2>&1; then
    say 'boot_handler is not bundled here: npm is not installed. The image build needs none: it bundles boot_handler itself'
    exit 0
  fi
  config/build/npm-ci-if-needed.sh
fi
config/build/bundle.sh build/bundles build/bundles/meta
say 'wrote build/bundles/services/boot_handler.cjs and the other services'
