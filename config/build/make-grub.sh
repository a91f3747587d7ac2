#!/bin/sh
# Usage: make-grub.sh OUTDIR PACKAGES: our own GRUB for UEFI, OUTDIR/<arch>/grub.efi, of Debian's modules, checked to be an EFI program.
#   PACKAGES   PACKAGES/<arch> then holds the package of the modules and PACKAGES/<arch>.packages its name and version
# The file is whole: it loads no module from a disk. It reads /EFI/BOOT/grub.cfg of the partition that it was started from,
# under whatever name. The same packages give the same bytes.
set -eu
out=$1
packages=$2

fail() {
  echo "make GRUB: $*" >&2
  exit 1
}

# What is read: partition tables; the ESP; the file systems that the two families put /boot on; compressed kernels (arm64's).
reads='part_gpt part_msdos fat ext2 xfs btrfs gzio xzio'
# What the grub.cfg that grub-mkconfig writes asks for, of Debian, Ubuntu and Fedora (/etc/grub.d), and grub.cfg files by hand.
starts='normal linux chain configfile search search_fs_uuid search_fs_file search_label probe loadenv bli'
says='echo test true regexp eval read sleep minicmd ls cat help gettext keystatus password_pbkdf2 smbios halt reboot efifwsetup'
shows='serial terminal all_video gfxterm gfxterm_background font png'

# make ARCH PACKAGE FORMAT MACHINE_MODULES
make_grub() {
  initrd/fetch-packages.sh "$1" "$packages/$1" "$2"
  modules_version=$(sed -n 's/^Version: //p' "$packages/$1.packages")
  [ "$modules_version" = "$version" ] ||
    fail "$2 is version \"$modules_version\" and grub-common \"$version\": Debian's archive is being updated; build again later"
  mkdir -p "$out/$1"
  # shellcheck disable=SC2086 # lists of names
  grub-mkimage --directory="$packages/$1/usr/lib/grub/$3" --format="$3" --prefix=/EFI/BOOT --output="$out/$1/grub.efi" \
    $reads $starts $says $shows $4
  node config/build/check-efi.mjs "$out/$1/grub.efi" "$1"
}

apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io grub-common
rm -rf /var/lib/apt/lists/*
# shellcheck disable=SC2016 # dpkg-query's own variable
version=$(dpkg-query -W -f='${Version}' grub-common)
mkdir -p "$packages"
make_grub x86_64 grub-efi-amd64-bin x86_64-efi cpuid
make_grub aarch64 grub-efi-arm64-bin arm64-efi fdt
