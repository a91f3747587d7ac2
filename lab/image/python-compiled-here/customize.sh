#!/bin/sh
# Hook of mmdebstrap, after all packages: puts Python where essential.sh put a program that does nothing, and compiles its modules
# with this machine's: what is written depends on Python's version, not on the architecture.
set -eu
root=$1
for installed in "$root"/usr/bin/python3.*.installed; do
  [ -e "$installed" ] || exit 0
  version=$(basename "$installed" .installed)
  rm "$root/usr/bin/$version"
  chroot "$root" dpkg-divert --quiet --local --rename --remove "/usr/bin/$version"
  "/usr/bin/$version" -I -m compileall -q -j 0 -s "$root" -p / "$root/usr/lib/python3" "$root/usr/lib/$version"
done
