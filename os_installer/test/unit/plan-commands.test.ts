import assert from 'node:assert/strict';
import { test } from 'node:test';

import { plannedSite } from '../../src/context.ts';
import { describePlan } from '../../src/report/describe-plan.ts';
import { plan } from './sample-machine.ts';

test('with a place the plan names the exact commands of every step, and when those run that do not always', () => {
  const given = { config: { initramfs: 'generate' as const } };

  assert.equal(
    describePlan(plan(given), { ...plannedSite, target: '/t' })
      .split('\n')
      .filter((line) => line.startsWith('         '))
      .map((line) => line.trim())
      .join('\n'),
    `printf '%s\\n' 'label: gpt' 'size=300MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name="ESP"' 'type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name="installing"' | sfdisk --quiet --lock --wipe always --wipe-partitions always /dev/vda
udevadm settle --timeout=30
write zeros over 4 MiB at both ends of /dev/vda1, /dev/vda2, /dev/vda, but not over the table
mkfs.fat -F 32 -n UEFI -i ABCD1234 /dev/vda1
mkfs.ext4 -q -F -O '^orphan_file,^metadata_csum_seed' -E lazy_itable_init=1,lazy_journal_init=1 -L cloudimg-rootfs -U 0e2d9d0c-1111-4222-8333-444455556666 /dev/vda2
mount -t ext4 /dev/vda2 /t
fetch http://10.0.0.1/images/debian-12/x86_64/rootfs.tar.gz | gzip -d -c | tar -x -p --numeric-owner --xattrs '--xattrs-include=*' --acls --warning=no-timestamp --warning=no-unknown-keyword -f - -C /t
(if the root file system lacks it) fetch http://10.0.0.1/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64 > /t/boot/vmlinuz-6.1.0-56-cloud-amd64
(if the root file system lacks the modules or their index) cp -a /lib/modules/6.1.0-56-cloud-amd64/. /t/lib/modules/6.1.0-56-cloud-amd64
remove /t/var/lib/cloud/seed/nocloud-net
remove /t/var/lib/cloud/seed/nocloud
remove /t/var/lib/cloud/instance
remove /t/var/lib/cloud/instances
remove /t/var/lib/cloud/data
remove /t/var/lib/cloud/sem
remove /t/etc/cloud/cloud-init.disabled
remove /t/etc/cloud/ds-identify.cfg
rename /t/etc/cloud/cloud.cfg.d/*.cfg that would be read after ours
write /t/var/lib/cloud/seed/nocloud-net/meta-data
write /t/etc/cloud/cloud.cfg.d/zz-pxeboot.cfg
(if there is cloud-init) enable it
(if there is cloud-init, and it is about a network card) remove /t/etc/netplan/*.yaml
(if there is cloud-init, and it is about a network card) write /t/etc/network/interfaces
(if there is cloud-init, and it is about a network card) remove /t/etc/network/interfaces.d/*
(if there is cloud-init, and it is about a network card) remove /t/etc/systemd/network/*.network
(if there is cloud-init, and it is about a network card) remove /t/etc/systemd/network/*.link
(if there is cloud-init, and it is about a network card) remove /t/etc/NetworkManager/system-connections/*
(if there is cloud-init, and it is about a network card) remove /t/etc/NetworkManager/conf.d/*cloud-init*.conf
(if there is cloud-init, and it is about a network card) remove /t/etc/sysconfig/network-scripts/ifcfg-*
(if they have others) give /t/, etc, usr, var, tmp and var/tmp to root, with their usual modes
remove /t/.dockerenv
remove /t/run/.containerenv
remove /t/run/host/container-manager
remove /t/run/systemd/container
write /t/etc/fstab
write /t/etc/hostname
write /t/etc/default/grub.d/zz-pxeboot.cfg
write /t/etc/kernel/cmdline
write /t/etc/systemd/networkd.conf.d/90-pxeboot.conf
empty /t/etc/machine-id
remove /t/var/lib/dbus/machine-id
remove /t/etc/ssh/ssh_host_*
remove /t/var/lib/systemd/random-seed
remove /t/boot/loader/random-seed
remove /t/var/lib/urandom/random-seed
remove /t/var/lib/systemd/credential.secret
remove /t/var/lib/systemd/tpm2-srk-public-key.*
remove /t/var/lib/systemd/pcrlock.*
remove /t/var/lib/systemd/network/*
remove /t/etc/machine-info
remove /t/etc/hostid
remove /t/etc/udev/rules.d/*-persistent-net*.rules
remove /t/etc/udev/rules.d/*-persistent-cd.rules
remove /t/var/lib/dhcp/*
remove /t/var/lib/dhclient/*
remove /t/var/lib/dhcpcd/*
remove /t/etc/dhcpcd.duid
remove /t/var/lib/NetworkManager/secret_key
remove /t/var/lib/NetworkManager/*.lease
remove /t/var/lib/NetworkManager/timestamps
remove /t/var/lib/NetworkManager/seen-bssids
(if there is /t/lib/open-iscsi/startup-checks.sh) write /t/etc/iscsi/initiatorname.iscsi
(if there is /t/lib/systemd/system/iscsi-init.service) remove /t/etc/iscsi/initiatorname.iscsi
remove /t/etc/nvme/hostid
remove /t/etc/nvme/hostnqn
remove /t/etc/multipath/wwids
remove /t/etc/multipath/bindings
remove /t/etc/lvm/devices/system.devices
remove /t/etc/blkid.tab
(if there is /t/lib/systemd/system/ssl-cert.service) remove /t/etc/ssl/private/ssl-cert-snakeoil.key
remove /t/etc/cockpit/ws-certs.d/0-self-signed*
remove /t/etc/docker/key.json
remove /t/var/lib/docker/engine-id
remove /t/etc/salt/pki/minion/minion.pem
remove /t/etc/salt/minion_id
remove /t/etc/pki/consumer/*
remove /t/etc/pki/entitlement/*
remove /t/etc/sysconfig/rhn/systemid
remove /t/etc/insights-client/machine-id
remove /t/var/lib/ubuntu-advantage/private/machine-token.json
remove /t/var/lib/tailscale/tailscaled.state
remove /t/var/lib/zerotier-one/identity.*
(if there is ssh-keygen and no cloud-init) chroot /t ssh-keygen -A
(if it holds anything) rename /t/boot/efi to boot/efi-of-the-image
mount -t vfat -o umask=0077 /dev/vda1 /t/boot/efi
mount -o bind /dev /t/dev
mount -o bind /proc /t/proc
mount -o bind /sys /t/sys
mount -o bind /run /t/run
(on a machine with EFI variables) mount -o bind /sys/firmware/efi/efivars /t/sys/firmware/efi/efivars
(if an initramfs is made and the modules have no index) chroot /t depmod 6.1.0-56-cloud-amd64
(if there is one) chroot /t update-initramfs -u -k 6.1.0-56-cloud-amd64
(if there is none, or that leaves it as it was) chroot /t update-initramfs -c -k 6.1.0-56-cloud-amd64
(the same with dracut where there is no update-initramfs)
write /t/boot/grub/grub.cfg
make /t/boot/efi/pxeboot-unfinished
(if the image brings signed loaders) copy them to /t/boot/efi/pxeboot-unfinished
(else, if it has GRUB for this firmware) chroot /t grub-install --help
(then, on a machine with EFI variables; --force-extra-removable only if the help lists it) chroot /t grub-install --target x86_64-efi --efi-directory /boot/efi/pxeboot-unfinished --bootloader-id ID-of-os-release --force-extra-removable
(if that fails, or without EFI variables; --force-extra-removable only if the help lists it) chroot /t grub-install --target x86_64-efi --efi-directory /boot/efi/pxeboot-unfinished --bootloader-id ID-of-os-release --force-extra-removable --no-nvram
(else) copy /usr/lib/os-installer/grub.efi to /t/boot/efi/pxeboot-unfinished
(on a machine with EFI variables, unless grub-install was used) efibootmgr --quiet --create --disk /dev/vda --part 1 --label ID-of-os-release --loader '\\LOADER'
(if there is cloud-init) chroot /t PYTHON -B -c 'import json; from cloudinit import util; print(json.dumps(util.read_conf_with_confd("/etc/cloud/cloud.cfg"), default=str))'
(if the system has SELinux and setfiles) chroot /t setfiles -m -F -e /proc -e /sys -e /dev -e /run -e /boot/efi /file_contexts /
(if it has no setfiles, or that fails) write /t/.autorelabel
write /t/boot/efi/pxeboot-installed.json
sync -f /t /t/boot/efi
umount /t/sys/firmware/efi/efivars
umount /t/run
umount /t/sys
umount /t/proc
umount /t/dev
umount /t/boot/efi
umount /t
sfdisk --quiet --lock --part-label /dev/vda 2 root
udevadm settle --timeout=30
mount -t vfat /dev/vda1 /t
mv -T /t/pxeboot-unfinished/EFI /t/EFI
rm -rf /t/pxeboot-unfinished
umount /t
(if one of these fails) rm -rf /t/EFI
(if one of these fails) sfdisk --quiet --lock --part-label /dev/vda 2 installing`,
  );
});
