#!/bin/sh
# Hook of mmdebstrap: makes a root file system of Debian 13 look like that of Fedora 40's cloud image. Usage: change.sh ROOT
#
# What is Debian's: every program and the kernel. RPM, SELinux and Fedora's builds of systemd, dracut and cloud-init are not there.
# What is re-enacted, each with its source:
# - os-release without ID_LIKE                                         Fedora's fedora-release
# - dracut makes the initramfs, for any machine, not for one           Fedora's dracut-config-generic
# - kernel in /usr/lib/modules too, initramfs-<release>.img in /boot   kernel-install(8), Fedora's kernel.spec
# - BLS entries with the image's own root and paths of a /boot of its  Boot Loader Specification; Fedora's change "BootLoaderSpec by
#   own; grub.cfg that only reads them; /etc/kernel/cmdline            default"; kernel-install(8) for cmdline
# - kernel-install puts kernels, initramfs and BLS entries into /boot   Fedora's grub2: 20-grub.install, dracut: 50-dracut.install;
#                                                                      kernel-install(8): the layout "other" leaves them to plugins
# - no GRUB for EFI and no program that would install one: both are    the ESP is not in the tarball; grub2-efi puts its files there
#   on the ESP, which is not in the tarball
# - btrfs subvolumes in fstab, none of which the disk has              Fedora's change "BtrfsByDefault"
# - /usr/sbin is a link to bin                                         Fedora's change "Unify bin and sbin" (as of 42)
# - /var and /home are empty: systemd-tmpfiles makes what it knows     subvolumes of their own, which tar-out of one does not hold;
#   at the first boot, dpkg's database is lost as rpm's would not be   Fedora's change "RPM database in /usr"
# - NetworkManager is told by cloud-init, no netplan, no networkd      Fedora's cloud.cfg: renderers
# - group wheel, not sudo                                              Fedora's setup, sudo
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)
old_root=8d4e6f02-31a7-4b5c-9e0f-7c2b9a6d1e35
old_boot=f0e7c2d4-5b19-4a83-8c6e-2d9b7a1f4c50
old_esp=7B77-95E7
build_id=4b5f8c2e9a7d4f03b1e6d58c0a92f7e1

rm -f "$root/etc/os-release"
ln -s ../usr/lib/os-release "$root/etc/os-release"
cat > "$root/usr/lib/os-release" <<'END'
NAME="Fedora Linux"
VERSION="40 (Cloud Edition)"
ID=fedora
VERSION_ID=40
PLATFORM_ID="platform:f40"
PRETTY_NAME="Fedora Linux 40 (Cloud Edition)"
VARIANT="Cloud Edition"
VARIANT_ID=cloud
END

sed -i 's/^sudo:/wheel:/' "$root/etc/group" "$root/etc/gshadow"
sed -i 's/^%sudo/%wheel/' "$root/etc/sudoers"

mkdir -p "$root/etc/cloud/cloud.cfg.d"
cat > "$root/etc/cloud/cloud.cfg.d/20-fedora.cfg" <<'END'
system_info:
  network:
    renderers: [ network-manager ]
    activators: [ network-manager ]
END
chroot "$root" systemctl disable --quiet systemd-networkd.service systemd-networkd-wait-online.service systemd-networkd.socket
chroot "$root" systemctl enable --quiet NetworkManager.service NetworkManager-wait-online.service
# Debian's packages tell NetworkManager to leave alone what ifupdown has.
rm -f "$root/etc/network/interfaces"

# Debian's hooks would put it under a name of Debian's.
rm -f "$root/etc/kernel/postinst.d/dracut" "$root/etc/kernel/postrm.d/dracut" "$root/usr/lib/kernel/install.d/55-initrd.install"
install -m 755 "$here/20-grub.install" "$here/50-dracut.install" "$root/usr/lib/kernel/install.d/"
echo layout=other > "$root/usr/lib/kernel/install.conf"
echo 'hostonly="no"' > "$root/etc/dracut.conf.d/02-generic-image.conf"

release=$(ls "$root/usr/lib/modules")
cp "$root/boot/vmlinuz-$release" "$root/usr/lib/modules/$release/vmlinuz"
rm -f "$root"/boot/initrd.img-* "$root/vmlinuz" "$root/initrd.img" "$root/vmlinuz.old" "$root/initrd.img.old"
chroot "$root" dracut --quiet --force --no-hostonly "/boot/initramfs-$release.img" "$release"

options="ro rootflags=subvol=root no_timer_check console=tty1 console=ttyS0,115200n8 systemd.firstboot=off"
mkdir -p "$root/boot/loader/entries" "$root/boot/grub2" "$root/boot/efi" "$root/boot/lost+found" "$root/etc/kernel/install.d"
cat > "$root/boot/loader/entries/$build_id-$release.conf" <<END
title Fedora Linux ($release) 40 (Cloud Edition)
version $release
linux /vmlinuz-$release
initrd /initramfs-$release.img
options root=UUID=$old_root $options
grub_users \$grub_users
grub_arg --unrestricted
grub_class fedora
END
echo "root=UUID=$old_root $options" > "$root/etc/kernel/cmdline"
cat > "$root/boot/grub2/grub.cfg" <<END
search --no-floppy --fs-uuid --set=root $old_boot
set boot=\$root
insmod blscfg
blscfg
END
printf '# GRUB Environment Block\n' > "$root/boot/grub2/grubenv"
cat > "$root/etc/default/grub" <<END
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR="\$(sed 's, release .*\$,,g' /etc/system-release)"
GRUB_DEFAULT=saved
GRUB_DISABLE_SUBMENU=true
GRUB_TERMINAL_OUTPUT="console"
GRUB_CMDLINE_LINUX="rootflags=subvol=root console=tty1 console=ttyS0,115200n8"
GRUB_DISABLE_RECOVERY="true"
GRUB_ENABLE_BLSCFG=true
END
cat > "$root/etc/fstab" <<END
UUID=$old_root / btrfs compress=zstd:1,defaults,subvol=root 0 1
UUID=$old_boot /boot ext4 defaults 0 0
UUID=$old_root /home btrfs compress=zstd:1,subvol=home 0 0
UUID=$old_root /var btrfs compress=zstd:1,subvol=var 0 0
UUID=$old_esp /boot/efi vfat defaults,umask=0077,shortname=winnt 0 0
END

for program in "$root"/usr/sbin/*; do
  [ -e "$root/usr/bin/$(basename "$program")" ] || mv "$program" "$root/usr/bin/"
done
rm -rf "$root/usr/sbin"
ln -s bin "$root/usr/sbin"
