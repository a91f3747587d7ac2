#!/bin/sh
# Both tarballs. Where no Docker engine builds, but apt-get is there, what builds without one is installed first.
#   SETUP=0  installs nothing: names what is missing and ends
# The rest: make-image.sh.
set -eu
. config/build/builders.sh
if is_debian && { [ "${BUILDER:-auto}" = buildah ] || ! builds_with_docker; }; then FOR=image FOREIGN=1 lab/setup.sh; fi
config/build/make-image.sh amd64
config/build/make-image.sh arm64
