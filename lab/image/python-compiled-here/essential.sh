#!/bin/sh
# Hook of mmdebstrap, before any package with Python is installed. An emulated Python takes 75 s of processor time to compile the
# modules of Debian 12. Where this machine has the same Python, the root's is a program that does nothing meanwhile.
set -eu
root=$1
version=$(APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-cache depends python3-minimal | sed -n 's/.*Depends: \(python3[.][0-9]*\)-minimal$/\1/p')
if [ -z "$version" ] || [ ! -x "/usr/bin/$version" ]; then
  echo "build image: no ${version:-Python} of this machine to compile modules with: an emulated one does, which takes a minute" >&2
  exit 0
fi
chroot "$root" dpkg-divert --quiet --local --rename --divert "/usr/bin/$version.installed" --add "/usr/bin/$version"
ln -s true "$root/usr/bin/$version"
