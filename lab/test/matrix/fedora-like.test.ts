import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testInstalledSystem } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { assertOwnDisk, testOwnDisk } from '../e2e/support/other-disk.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { fetchPackages, kernelOfPackage, runLong } from '../e2e/support/updates.ts';

/** Debian's: every program and the kernel. Re-enacted: os-release, dracut's initramfs, BLS entries and settings that name the disk that
 * the image was made on, no GRUB, an empty /var, NetworkManager, /usr/sbin as a link, the tarball's form. Not there: RPM, SELinux.
 * lab/image/like/fedora/change.sh has each with its source. */
const distro = 'fedora-40-like';

describe(
  'Fedora 40, re-enacted by a Debian 13 with dracut, BLS entries, an empty /var, NetworkManager and no GRUB',
  endToEndSuite(),
  () => {
    let vm: InstalledVm;

    before(async () => {
      await freshLab({ ...usual, distro });
      vm = await installVm(lab, { ...usual, name: 'fedora-like', number: 92, distro });
    });

    after(async () => {
      await labDown(lab);
    });

    test('it says that it is Fedora, and no unit of it has failed', async () => {
      assert.equal(await vm.shell('. /etc/os-release; echo "$PRETTY_NAME"'), 'Fedora Linux 40 (Cloud Edition)');
      assert.equal(await vm.shell('systemctl list-units --failed --no-legend --plain'), '');
    });

    testOwnDisk(() => vm, 'fedora');

    test('NetworkManager has its network card, as cloud-init told it', async () => {
      const devices = await vm.shell('nmcli --terse --fields TYPE,STATE,CONNECTION device');
      assert.match(devices, /^ethernet:connected:cloud-init /m);
    });

    test("the installer's own GRUB is on the ESP, without shim", async () => {
      assert.equal(
        await vm.shell(`sudo -n sh -c 'cd /boot/efi && find . -iname "*.efi" -size +0 | sort'`),
        './EFI/BOOT/BOOTX64.EFI\n./EFI/fedora/grubx64.efi',
      );
    });

    testInstalledSystem(() => vm, { distro, arch: usual.arch, loader: 'BOOTX64.EFI' });

    test('another kernel that kernel-install puts there is started, with its own root file system', async () => {
      const [kernel = ''] = await fetchPackages(vm, distro, usual.arch, ['newer-kernel']);
      const newer = await kernelOfPackage(vm, kernel);
      assert.notEqual(await vm.shell('uname -r'), newer);
      await runLong(vm, installKernel(kernel, newer));

      await vm.reboot();

      assert.equal(await vm.shell('uname -r'), newer);
      await assertOwnDisk(vm);
    });

    test('when that kernel is removed, the other one is started again', async () => {
      const newer = await vm.shell('uname -r');
      await runLong(vm, `kernel-install remove ${newer}`);

      await vm.reboot();

      assert.notEqual(await vm.shell('uname -r'), newer);
      await assertOwnDisk(vm);
    });
  },
);

/** What Fedora's kernel package does; its files are where that has them. */
function installKernel(path: string, release: string): string {
  const modules = `/usr/lib/modules/${release}`;
  return [
    `set -e; dpkg-deb -x ${path} /var/tmp/kernel`,
    `mv /var/tmp/kernel${modules} /usr/lib/modules/`,
    `mv /var/tmp/kernel/boot/vmlinuz-${release} ${modules}/vmlinuz`,
    `depmod ${release}`,
    `kernel-install add ${release} ${modules}/vmlinuz`,
  ].join('; ');
}
