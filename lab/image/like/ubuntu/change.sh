#!/bin/sh
# Hook of mmdebstrap: makes a root file system of Debian 13 look like that of Ubuntu 24.04's cloud image. Usage: change.sh ROOT
#
# What is Debian's: every program, and the signatures of kernel, shim and GRUB. The signed GRUB reads /EFI/debian, as Ubuntu's reads
# /EFI/ubuntu.
# What is re-enacted, each with its source:
# - os-release, a link into /usr                                          os-release(5); Ubuntu's base-files
# - GRUB for BIOS next to the signed pair; WITHOUT_EFI_GRUB=1: the signed  livecd-rootfs, hook disk-image-uefi: installs grub-pc and
#   files are all there is for UEFI, no /usr/lib/grub/x86_64-efi           shim-signed on amd64; who brings x86_64-efi differs by release
# - shimx64.efi.signed is an absolute link through /etc/alternatives,     Ubuntu's shim-signed: shimx64.efi.signed.latest and .previous;
#   fbx64.efi and mmx64.efi have no suffix                                shim 15.8
# - grub-install has --no-extra-removable, not --force-extra-removable    Ubuntu's grub2, util/grub-install.c
# - GRUB_FORCE_PARTUUID: update-grub names the image's old partition      Ubuntu's grub2, util/grub.d/10_linux.in: "initrdless boot"
# - settings of GRUB for the cloud                                        livecd-rootfs: 50-cloudimg-settings.cfg
# - fstab with three labels, of which the disk has at most one            livecd-rootfs: cloudimg-rootfs, BOOT (since 23.10), UEFI
# - cloud-init's list of all sources, netplan's file of the build         cloud-init's debconf question; cloud-init: 50-cloud-init.yaml
# - RESUME= in initramfs-tools, but with WITHOUT_EFI_GRUB=1               initramfs.conf(5); of those who make images with swap space
# - boot/efi is empty, /boot has vmlinuz and initrd.img as links          linux-base: do_symlinks, link_in_boot
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)
old_uuid=5a1b0c7e-0d3f-4c2a-9a4e-3f8a1c5d7b62
old_partition=c3d9f1a2-6b7e-4f10-8d25-90e4b1a7c836

rm -f "$root/etc/os-release"
ln -s ../usr/lib/os-release "$root/etc/os-release"
cat > "$root/usr/lib/os-release" <<'END'
PRETTY_NAME="Ubuntu 24.04.3 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.3 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble
END

if [ "${WITHOUT_EFI_GRUB:-}" = 1 ]; then rm -rf "$root"/usr/lib/grub/*-efi; fi
for shim in "$root"/usr/lib/shim/shim*.efi.signed; do
  name=$(basename "$shim")
  mv "$shim" "$shim.latest"
  ln -s "/usr/lib/shim/$name.latest" "$root/etc/alternatives/$name"
  ln -s "/etc/alternatives/$name" "$shim"
done
for helper in "$root"/usr/lib/shim/fb*.efi.signed "$root"/usr/lib/shim/mm*.efi.signed; do mv "$helper" "${helper%.signed}"; done

chroot "$root" dpkg-divert --quiet --local --rename --divert /usr/sbin/grub-install.debian /usr/sbin/grub-install
install -m 755 "$here/grub-install" "$root/usr/sbin/grub-install"

# update-grub sources all settings, hands on those that it knows, and 10_linux makes the kernel's line.
sed -i 's/^export GRUB_DEFAULT/export GRUB_FORCE_PARTUUID\n&/' "$root/usr/sbin/grub-mkconfig"
# shellcheck disable=SC2016 # for the shell that runs 10_linux
sed -i 's/^linux_entry ()$/if [ -n "${GRUB_FORCE_PARTUUID}" ]; then LINUX_ROOT_DEVICE="PARTUUID=${GRUB_FORCE_PARTUUID}"; fi\n\n&/' \
  "$root/etc/grub.d/10_linux"
grep -q '^export GRUB_FORCE_PARTUUID' "$root/usr/sbin/grub-mkconfig"
grep -q 'GRUB_FORCE_PARTUUID' "$root/etc/grub.d/10_linux"

mkdir -p "$root/etc/default/grub.d" "$root/boot/grub" "$root/boot/efi" "$root/boot/lost+found"
echo "GRUB_FORCE_PARTUUID=$old_partition" > "$root/etc/default/grub.d/40-force-partuuid.cfg"
cat > "$root/etc/default/grub.d/50-cloudimg-settings.cfg" <<'END'
GRUB_RECORDFAIL_TIMEOUT=0
GRUB_TIMEOUT=0
GRUB_CMDLINE_LINUX_DEFAULT="console=tty1 console=ttyS0"
GRUB_TERMINAL=console
END
cat > "$root/etc/default/grub.d/99-older-installer.cfg" <<'END'
GRUB_CMDLINE_LINUX="root=UUID=5a1b0c7e-0d3f-4c2a-9a4e-3f8a1c5d7b62 image.remains=99"
END

cat > "$root/etc/fstab" <<'END'
LABEL=cloudimg-rootfs	/	ext4	discard,commit=30,errors=remount-ro	0 1
LABEL=BOOT	/boot	ext4	defaults	0 2
LABEL=UEFI	/boot/efi	vfat	umask=0077	0 1
END
# Cloud images have none. The installer makes another initramfs for it, which takes two minutes where that is emulated.
mkdir -p "$root/etc/initramfs-tools/conf.d"
[ "${WITHOUT_EFI_GRUB:-}" = 1 ] ||
  echo "RESUME=UUID=$old_uuid" > "$root/etc/initramfs-tools/conf.d/resume"

mkdir -p "$root/etc/netplan"
cat > "$root/etc/netplan/50-cloud-init.yaml" <<'END'
network:
  version: 2
  ethernets:
    ens3:
      match:
        macaddress: "02:0b:11:1d:00:07"
      dhcp4: true
      set-name: ens3
END
chmod 600 "$root/etc/netplan/50-cloud-init.yaml"
cat > "$root/etc/cloud/cloud.cfg.d/90_dpkg.cfg" <<'END'
datasource_list: [ NoCloud, ConfigDrive, OpenNebula, DigitalOcean, Azure, AltCloud, OVF, MAAS, GCE, OpenStack, CloudSigma, SmartOS, Bigstep, Scaleway, AliYun, Ec2, CloudStack, Hetzner, IBMCloud, Oracle, Exoscale, RbxCloud, UpCloud, VMware, Vultr, LXD, NWCS, Akamai, WSL, None ]
END

release=$(ls "$root/usr/lib/modules")
chroot "$root" update-initramfs -c -k all
ln -sf "vmlinuz-$release" "$root/boot/vmlinuz"
ln -sf "initrd.img-$release" "$root/boot/initrd.img"
cat > "$root/boot/grub/grub.cfg" <<END
search --no-floppy --fs-uuid --set=root $old_uuid
menuentry 'Ubuntu' {
	linux /vmlinuz-$release root=PARTUUID=$old_partition ro console=tty1 console=ttyS0
	initrd /initrd.img-$release
}
END
