#!/bin/sh
# Builds the image directory of one Debian release: rootfs.tar.gz, modules.cpio.gz, vmlinuz-*, initrd.img-*.
# Usage: build-debian.sh SUITE ARCH OUTPUT_DIRECTORY      (bookworm x86_64 images/debian-12/x86_64)
# Environment: MIRROR (another archive than mmdebstrap's default), ROOTFS_TAR (take this root file system, build none),
#   KERNEL=generic: with drivers for all kinds of machines, not the cloud kernel,
#   MODULES=all: the cpio holds every module of the kernel, not only those that the installer may need,
#   LIKE=ubuntu or fedora: changed to look like the root file system that "pvmlab distro pull" makes of their cloud images
#   (like/*/change.sh has what is re-enacted), with packages for updates, *.deb, next to it,
#   SELINUX=1: with Debian's SELinux policy, not labelled, as a tarball without extended attributes is (selinux/change.sh),
#   WITHOUT_EFI_GRUB=1: the same with no more of GRUB for EFI than what is signed.
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
like=${LIKE:-}
case "$like" in
  '' | ubuntu | fedora) ;;
  *) echo "build image: LIKE=\"$like\" is unknown; use ubuntu or fedora" >&2; exit 2 ;;
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

# $1: a list of packages, of which lines for other suites and architectures are left out.
packages_of() {
  sed -e '/^#/d' -e '/^$/d' -e "s/@KERNEL@/$kernel/" -e "s/@ARCH@/$debian_arch/" "$1" |
    sed -e "s/^$suite://" -e "s/^$debian_arch://" -e '/:/d'
}

list_packages() {
  if [ -z "$like" ]; then
    packages_of "$here/packages.txt"
    [ -z "${SELINUX:-}" ] || packages_of "$here/selinux/packages.txt"
  else
    packages_of "$here/like/$like/packages.txt" > "$work/changes"
    sed -n 's/^-//p' "$work/changes" > "$work/left-out"
    { packages_of "$here/packages.txt"; sed '/^-/d' "$work/changes"; } |
      grep -vxF -f "$work/left-out" -e "linux-image-$kernel"
  fi | paste -s -d, -
}

# Installing the kernel and finishing initramfs-tools would each make an initramfs, two minutes long where that is emulated:
# INITRD=No is what Debian's hook of the kernel obeys, and one is made at the end.
make_root() {
  if [ -n "$like" ]; then make_changed_root; return; fi
  [ -z "${SELINUX:-}" ] || set -- --customize-hook="'$here/selinux/change.sh' \"\$1\""
  # shellcheck disable=SC2016 # mmdebstrap's shell puts the root directory in place of $1
  debootstrap "$work/rootfs.tar" "$@" --customize-hook='chroot "$1" update-initramfs -c -k all'
}

# $1: what is made, the rest: more options.
debootstrap() {
  made=$1
  shift
  [ "$debian_arch" = "$(dpkg --print-architecture)" ] || set -- --hook-directory="$here/python-compiled-here" "$@"
  INITRD=No mmdebstrap --variant=minbase --architectures="$debian_arch" --include="$(list_packages)" "$@" \
    "$suite" "$made" ${MIRROR:+"$MIRROR"}
}

# Entries "./…" without extended attributes, as guestfish's tar-out makes them: capabilities are lost. Fedora's /var and /home are
# subvolumes that are not packed.
make_changed_root() {
  case $like in
    ubuntu) updates="grub-efi-$debian_arch-signed shim-signed" owners=--numeric-owner empty= ;;
    fedora) updates='' owners='' empty='var home' ;;
  esac
  debootstrap "$work/root" \
    --customize-hook="'$here/like/older-kernel.sh' \"\$1\" $kernel '$work/image' $updates" \
    --customize-hook="'$here/like/$like/change.sh' \"\$1\""
  for directory in $empty; do find "$work/root/$directory" -mindepth 1 -delete; done
  # shellcheck disable=SC2086
  tar -C "$work/root" --sort=name --no-xattrs --no-acls --no-selinux $owners -cf "$work/rootfs.tar" .
  rm -rf "$work/root"
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
  # Ubuntu's archive has entries for the folders on the way, too: ".", "./lib", "./lib/modules".
  (cd "$top" && if [ "$like" = ubuntu ]; then find .; else find lib/modules -mindepth 1; fi |
    LC_ALL=C sort | cpio --quiet -R 0:0 -o -H newc) | gzip -6 > "$work/image/modules.cpio.gz"
}

if [ -n "${ROOTFS_TAR:-}" ]; then ln -s "$(realpath "$ROOTFS_TAR")" "$work/rootfs.tar"; else make_root; fi
gzip -4 < "$work/rootfs.tar" > "$work/image/rootfs.tar.gz" &
compression=$!
case $like in
  fedora) initrd=initramfs ;;
  *) initrd=initrd.img ;;
esac
tar -C "$work/tree" --wildcards -xf "$work/rootfs.tar" './usr/lib/modules/*' './boot/vmlinuz-*' "./boot/$initrd-*"
cp "$work"/tree/boot/vmlinuz-* "$work"/tree/boot/"$initrd"-* "$work/image/"
make_modules
# dracut's initramfs is root's alone.
chmod a+r "$work"/image/*
wait "$compression"

chmod 755 "$work/image"
rm -rf "$output"
mv "$work/image" "$output"
ls -l "$output"
