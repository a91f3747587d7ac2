#!/bin/sh
# Usage: make-base.sh amd64|arm64 FILE: a small Debian trixie root file system made from Debian's archive.
# For machines that reach no image registry. Mirrors and keys are mmdebstrap's defaults.
set -eu
arch=$1
file=$2
exclude() { printf -- '--dpkgopt=path-exclude=%s\n' "$1"; }
command -v mmdebstrap >/dev/null 2>&1 || { echo 'make a base image: mmdebstrap is not installed; apt-get install mmdebstrap' >&2; exit 1; }
config/build/emulation.sh "$arch"
if [ "$arch" != "$(dpkg --print-architecture)" ] && ! command -v arch-test >/dev/null 2>&1; then
  echo "make a base image for $arch: mmdebstrap needs arch-test for it; apt-get install arch-test" >&2
  exit 1
fi
trap 'rm -f "$file.new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
rm -f "$file.new"
mmdebstrap --quiet --variant=minbase --architectures="$arch" --aptopt='APT::Install-Recommends "false"' \
  "$(exclude '/usr/share/man/*')" "$(exclude '/usr/share/locale/*')" "$(exclude '/usr/share/info/*')" \
  "$(exclude '/usr/share/doc/*')" '--dpkgopt=path-include=/usr/share/doc/*/copyright' \
  --format=tar trixie "$file.new"
mv "$file.new" "$file"
