#!/bin/sh
# Hook of mmdebstrap: installs the oldest kernel that Debian has of a flavour, and puts the newest one, and packages that are to be
# installed once more, into a directory from which a test can take them: no VM reaches an archive.
# Usage: older-kernel.sh ROOT FLAVOUR DIRECTORY PACKAGE...
set -eu
root=$1
flavour=$2
directory=$3
shift 3
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
# Debian has two or more from the first point release of a suite on.
kernels=$(apt-cache pkgnames linux-image- | grep -E "^linux-image-[0-9][^-]*-$flavour\$" | LC_ALL=C sort -V)
older=$(printf '%s\n' "$kernels" | head -n 1)
newer=$(printf '%s\n' "$kernels" | tail -n 1)
if [ "$older" = "$newer" ]; then
  echo "build image: Debian has one kernel \"$newer\" of flavour \"$flavour\", and a test of updates needs two" >&2
  exit 1
fi
mkdir "$root/tmp/kernel"
(cd "$root/tmp/kernel" && apt-get -q -o APT::Sandbox::User=root download "$older" >&2)
chroot "$root" sh -c 'dpkg --install /tmp/kernel/*.deb' >&2
rm -r "$root/tmp/kernel"
cd "$directory"
apt-get -q -o APT::Sandbox::User=root download "$newer" "$@" >&2
# One name for each package: a URL has it without its version, whose "+" and "%3a" are not for shells.
for package in *.deb; do mv "$package" "${package%%_*}.deb"; done
mv "$newer.deb" newer-kernel.deb
