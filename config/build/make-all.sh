#!/bin/sh
# Usage: make-all.sh [amd64] [arm64]: these tarballs, or both. Where no Docker engine builds, but apt-get is there, what builds without one is installed first.
#   SETUP=0  installs nothing: names what is missing and ends
# The rest: make-image.sh.
set -eu
. config/build/builders.sh
check_image_name
if [ $# = 0 ]; then set -- amd64 arm64; fi
foreign=0
for arch in "$@"; do
  if [ "$arch" != "$(machine_arch)" ]; then foreign=1; fi
done
if is_debian && { [ "${BUILDER:-auto}" = buildah ] || ! builds_with_docker; }; then FOR=image FOREIGN=$foreign lab/setup.sh; fi
for arch in "$@"; do config/build/make-image.sh "$arch"; done
