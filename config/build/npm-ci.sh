#!/bin/sh
# Installs every npm package by the lock file, and Node's binary for both architectures. Runs inside the image build.
# A certificate authority of the host (a proxy that inspects TLS, say) comes in as the build secret "extra_ca".
set -eu
if [ -s /run/secrets/extra_ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/extra_ca; fi
npm ci --no-audit --no-fund --loglevel=error
PATH="$PWD/node_modules/.bin:$PATH" config/build/fetch-nodes.sh
