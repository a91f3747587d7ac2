#!/bin/sh
# Builds a machine that runs the container as pvmlab's provisioner does: Debian with its own Docker engine.
# Usage: build.sh OUTPUT_DIRECTORY      (vmlinuz, initrd.img and the disk root.ext4; all or nothing, kept while it is up to date)
# Debian's generic kernel: the cloud kernel has no 9p.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=$1
if [ -s "$output/root.ext4" ] && [ -z "$(find "$here" -newer "$output/root.ext4")" ]; then exit 0; fi
mkdir -p "$(dirname "$output")"
work=$(mktemp -d "$(dirname "$output")/.provisioner-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$work/root
mkdir "$work/out"

mmdebstrap --quiet --variant=minbase --include=linux-image-amd64,systemd-sysv,udev,dbus,iproute2,docker.io \
  --customize-hook='mkdir -p "$1/srv/vms" "$1/srv/images" "$1/srv/stack" "$1/usr/local/bin"' \
  --customize-hook="copy-in $here/etc /" --customize-hook="copy-in $here/provision /usr/local/bin" \
  --customize-hook='chroot "$1" systemctl enable systemd-networkd provision.service' \
  --customize-hook='chroot "$1" systemctl mask serial-getty@ttyS0.service apparmor.service' \
  bookworm "$root"
mv "$root"/boot/vmlinuz-* "$work/out/vmlinuz"
mv "$root"/boot/initrd.img-* "$work/out/initrd.img"
# Sparse: the engine unpacks the container's image into it.
truncate -s 6G "$work/out/root.ext4"
PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -d "$root" "$work/out/root.ext4"
rm -rf "$output"
mv "$work/out" "$output"
