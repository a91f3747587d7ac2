import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { saveDefinition } from '../../src/vm-files.ts';
import { startDefaults } from '../../src/vm.ts';
import { endToEndSuite } from './support/end-to-end-suite.ts';
import { identityOf, testInstalledSystem } from './support/installed-system.ts';
import type { InstalledVm } from './support/installed-vm.ts';
import { installVm } from './support/installed-vm.ts';
import { testOwnDisk } from './support/other-disk.ts';
import { freshLab, lab, usual } from './support/test-lab.ts';

/** Debian's: every program, kernel, shim and GRUB with their signatures. Re-enacted: os-release, GRUB for BIOS next to the signed pair
 * alone,
 * grub-install's options, settings that name the disk that the image was made on, the tarball's form. lab/image/like/ubuntu/change.sh
 * has each with its source. */
const distro = 'ubuntu-24.04-like-signed';
const signed = '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed';

describe(
  'Ubuntu 24.04, re-enacted by a Debian 13 that has signed boot loaders and no other GRUB for EFI, on a blank disk',
  endToEndSuite(),
  () => {
    let vm: InstalledVm;

    before(async () => {
      await freshLab({ ...usual, distro });
      vm = await installVm(lab, { ...usual, name: 'e2e-one', number: 20, distro });
    });

    after(async () => {
      await labDown(lab);
    });

    test('it says that it is Ubuntu', async () => {
      assert.equal(await vm.shell('. /etc/os-release; echo "$PRETTY_NAME"'), 'Ubuntu 24.04.3 LTS');
    });

    // The directory is compiled into Debian's signed GRUB, whatever os-release says.
    testOwnDisk(() => vm, 'debian');

    test('its signed GRUB is on the ESP, and grub-install was not asked for one', async () => {
      for (const directory of ['BOOT', 'debian']) {
        await vm.shell(`sudo -n cmp ${signed} /boot/efi/EFI/${directory}/grubx64.efi`);
      }
      assert.equal(await vm.shell('cat /var/log/grub-install.log || [ $? = 1 ]'), '');
    });

    testInstalledSystem(() => vm, { distro, arch: usual.arch, loader: 'BOOTX64.EFI' });

    test('with "pxeboot": false the network boots the distribution\'s own kernel and initrd with its disk', async () => {
      await vm.stop();
      await saveDefinition(lab, { ...usual, name: vm.name, number: 20, distro, pxeboot: false });
      await vm.start({ ...startDefaults, first: 'network' });

      assert.match(await vm.shell('cat /proc/cmdline'), /\broot=LABEL=cloudimg-rootfs ro console=ttyS0,115200/);
      assert.equal(await vm.shell('findmnt -no LABEL /'), 'cloudimg-rootfs');
      assert.equal(await vm.shell('hostname'), 'e2e-one');
    });

    test('a second VM from the same image has a machine-id and host keys of its own', async () => {
      const first = await identityOf(vm);
      await vm.stop();
      const other = await installVm(lab, { ...usual, name: 'e2e-two', number: 21, distro });
      const second = await identityOf(other);
      assert.equal(await other.shell('hostname'), 'e2e-two');
      assert.equal(first.length, second.length);
      assert.deepEqual(
        first.filter((line) => second.includes(line)),
        [],
      );
    });
  },
);
