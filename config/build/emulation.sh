#!/bin/sh
# Usage: emulation.sh amd64|arm64: lets this machine run programs of that architecture, or says what is missing.
# Only the packages of a container of the other architecture are installed that way, and a Debian root file system.
# BINFMT_MISC and BINFMT_CONFIGURATIONS: other places than the kernel's and Debian's, for tests.
set -eu
arch=$1
registry=${BINFMT_MISC:-/proc/sys/fs/binfmt_misc}
configurations=${BINFMT_CONFIGURATIONS:-/usr/lib/binfmt.d}

case $arch in
  amd64) machine=x86_64 ;;
  arm64) machine=aarch64 ;;
  *) echo "emulate: architecture \"$arch\" is unknown; expected amd64 or arm64" >&2; exit 2 ;;
esac
case $machine/$(uname -m) in
  x86_64/x86_64 | x86_64/amd64 | aarch64/aarch64 | aarch64/arm64) exit 0 ;;
esac
entry=$registry/qemu-$machine
if grep -q '^enabled' "$entry" 2>/dev/null; then exit 0; fi

refuse() {
  echo "emulate: programs of $arch cannot run on this $(uname -m): $1" >&2
  exit 1
}

configuration=$configurations/qemu-$machine.conf
[ -r "$configuration" ] || refuse "\"$configuration\" is missing; apt-get install qemu-user-static arch-test"
[ "$(id -u)" = 0 ] || refuse "\"$entry\" is not registered, and only root can do that: sudo $0 $arch"
if [ ! -e "$registry/register" ]; then
  mount -t binfmt_misc binfmt_misc "$registry" || refuse "\"$registry\" cannot be mounted; load the kernel's module binfmt_misc"
fi
# Mounting may have shown an entry that is there already.
if ! grep -q '^enabled' "$entry" 2>/dev/null; then
  cat "$configuration" >"$registry/register" || refuse "the kernel refused the line of \"$configuration\""
  echo "[image] registered $configuration: programs of $arch now run on this machine, emulated" >&2
fi
