#!/bin/sh
# Builds the image directory of one Debian release: rootfs.tar.gz, modules.cpio.gz, vmlinuz-*, initrd.img-*.
# Usage: build-debian.sh SUITE ARCH OUTPUT_DIRECTORY      (bookworm x86_64 images/debian-12/x86_64)
# Environment: MIRROR (another archive than mmdebstrap's default), ROOTFS_TAR (take this root file system, build none),
#   KERNEL=generic: with drivers for all kinds of machines, not the cloud kernel,
#   MODULES=all: the cpio holds every module of the kernel, not only those that the installer may need.
# All or nothing: everything is made beside OUTPUT_DIRECTORY and renamed at the end.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
[ $# = 3 ] || { echo "build image: got $# arguments; usage: build-debian.sh SUITE ARCH OUTPUT_DIRECTORY" >&2; exit 2; }
suite=$1
arch=$2
output=$3

case "$arch" in
  x86_64) debian_arch=amd64 ;;
  aarch64) debian_arch=arm64 ;;
  *) echo "build image: architecture \"$arch\" is unknown; use x86_64 or aarch64" >&2; exit 2 ;;
esac
case "${KERNEL:-cloud}" in
  cloud) kernel=cloud-$debian_arch ;;
  generic) kernel=$debian_arch ;;
  *) echo "build image: KERNEL=\"$KERNEL\" is unknown; use cloud or generic" >&2; exit 2 ;;
esac
modules=${MODULES:-chosen}
case "$modules" in
  chosen | all) ;;
  *) echo "build image: MODULES=\"$modules\" is unknown; use chosen or all" >&2; exit 2 ;;
esac
if [ -z "${ROOTFS_TAR:-}" ] && ! command -v mmdebstrap > /dev/null; then
  echo 'build image: mmdebstrap is not installed; run "make setup"' >&2
  exit 1
fi

"$here/../../config/build/emulation.sh" "$debian_arch"
mkdir -p "$(dirname "$output")"
work=$(mktemp -d "$(dirname "$output")/.build-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$work/image" "$work/tree" "$work/modules"

list_packages() {
  sed -e '/^#/d' -e '/^$/d' -e "s/@KERNEL@/$kernel/" -e "s/@ARCH@/$debian_arch/" "$here/packages.txt" |
    sed -e "s/^$suite://" -e '/:/d' | paste -s -d, -
}

# Installing the kernel and finishing initramfs-tools would each make an initramfs, two minutes long where that is emulated:
# INITRD=No is what Debian's hook of the kernel obeys, and one is made at the end.
make_root() {
  hooks=
  [ "$debian_arch" = "$(dpkg --print-architecture)" ] || hooks=--hook-directory=$here/python-compiled-here
  # shellcheck disable=SC2016 # mmdebstrap's shell puts the root directory in place of $1
  INITRD=No mmdebstrap --variant=minbase --architectures="$debian_arch" --include="$(list_packages)" ${hooks:+"$hooks"} \
    --customize-hook='chroot "$1" update-initramfs -c -k all' "$suite" "$work/rootfs.tar" ${MIRROR:+"$MIRROR"}
}

# $1: the release's module folder; prints paths under it, each module once, with all that modules.dep names for it.
choose_modules() {
  sed -e '/^#/d' -e '/^$/d' -e 's,^,kernel/,' "$here/modules.txt" > "$work/prefixes"
  awk '
    NR == FNR { prefixes[$0]; next }
    { split($0, halves, ":"); needs[halves[1]] = halves[2] }
    END {
      for (module in needs) {
        if (module ~ /\/wireless\// || module ~ /\/kvm\//) continue
        for (prefix in prefixes) if (index(module, prefix) == 1) { chosen[module]; break }
      }
      for (module in chosen) print module needs[module]
    }' "$work/prefixes" "$1/modules.dep" | tr ' ' '\n' | sed '/^$/d' | sort -u
}

# $1: the folder of all modules, $2: top of a tree that gets those that an installer may need.
copy_chosen_modules() {
  tree=$1
  top=$2
  release=$(ls "$tree")
  target=$top/lib/modules/$release
  mkdir -p "$target"
  choose_modules "$tree/$release" > "$work/chosen"
  # shellcheck disable=SC2046 # as many of these as the kernel has
  tar -C "$tree/$release" -cf - -T "$work/chosen" \
    $(cd "$tree/$release" && ls modules.order modules.builtin modules.builtin.modinfo) | tar -C "$target" -xf -
  PATH=$PATH:/usr/sbin:/sbin depmod -b "$top" "$release"
}

make_modules() {
  top=$work/modules
  case "$modules" in
    all) mkdir "$top/lib" && mv "$work/tree/usr/lib/modules" "$top/lib/" ;;
    chosen) copy_chosen_modules "$work/tree/usr/lib/modules" "$top" ;;
  esac
  (cd "$top" && find lib/modules -mindepth 1 | LC_ALL=C sort | cpio --quiet -R 0:0 -o -H newc) |
    gzip -6 > "$work/image/modules.cpio.gz"
}

if [ -n "${ROOTFS_TAR:-}" ]; then ln -s "$(realpath "$ROOTFS_TAR")" "$work/rootfs.tar"; else make_root; fi
gzip -4 < "$work/rootfs.tar" > "$work/image/rootfs.tar.gz" &
compression=$!
tar -C "$work/tree" --wildcards -xf "$work/rootfs.tar" './usr/lib/modules/*' './boot/vmlinuz-*' './boot/initrd.img-*'
cp "$work"/tree/boot/vmlinuz-* "$work"/tree/boot/initrd.img-* "$work/image/"
make_modules
wait "$compression"

chmod 755 "$work/image"
rm -rf "$output"
mv "$work/image" "$output"
ls -l "$output"
