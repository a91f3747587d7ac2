import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { firmwareOf } from '../../src/decide/qemu-arguments.ts';
import { labDown } from '../../src/lab.ts';
import { consoleText } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { assertOwnDisk, testOwnDisk } from '../e2e/support/other-disk.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { fetchPackages, kernelOfPackage, runLong } from '../e2e/support/updates.ts';

/** Debian's: every program, kernel, shim and GRUB with their signatures. Re-enacted: os-release, GRUB for BIOS next to the signed pair
 * and to one that is not signed, grub-install's options, settings that name the disk that the image was made on, the tarball's form.
 * lab/image/like/ubuntu/change.sh has each with its source. */
const distro = 'ubuntu-24.04-like';
const firmware = firmwareOf(usual.arch, 'secure-boot');

/** Where each file that packages bring is on the ESP. */
const twins: Readonly<Record<string, readonly string[]>> = {
  '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed': ['BOOT/grubx64.efi', 'debian/grubx64.efi'],
  '/usr/lib/shim/shimx64.efi.signed': ['BOOT/BOOTX64.EFI', 'debian/shimx64.efi'],
};
const copies = Object.entries(twins).flatMap(([from, to]) => to.map((path) => ({ from, to: `/boot/efi/EFI/${path}` })));

describe(
  'Ubuntu 24.04, re-enacted: Secure Boot, another kernel, and a new GRUB',
  endToEndSuite([firmware.code, firmware.vars]),
  () => {
    let vm: InstalledVm;

    before(async () => {
      await freshLab({ ...usual, distro });
      vm = await installVm(lab, { ...usual, name: 'ubuntu-updates', number: 91, distro });
    });

    after(async () => {
      await labDown(lab);
    });

    testOwnDisk(() => vm, 'debian');

    testCleanCloudInit(() => vm);

    test("its initramfs does not wait for the swap space of the image's disk, nor would another one", async () => {
      const settings =
        "sh -c '. /etc/initramfs-tools/initramfs.conf; for f in /etc/initramfs-tools/conf.d/*; do . $f; done; echo $RESUME'";
      assert.equal(await vm.shell(settings), 'none');
      assert.doesNotMatch(await consoleText(lab, vm.name), /suspend\/resume device/);
    });

    test('with Secure Boot, firmware with a blank NVRAM starts its disk in one go', async () => {
      const before = await vm.powerOns();

      await vm.startWithBlankFirmware('secure-boot');

      assert.equal(await vm.powerOns(), before + 1);
      assert.equal(await vm.networkBoots(), 1);
      assert.match(await vm.shell('mokutil --sb-state'), /^SecureBoot enabled/);
      await assertOwnDisk(vm);
    });

    test('another kernel that its package manager installs is started, with its own root file system', async () => {
      await vm.startWithBlankFirmware();
      const [kernel = ''] = await fetchPackages(vm, distro, usual.arch, ['newer-kernel']);
      const newer = await kernelOfPackage(vm, kernel);
      assert.notEqual(await vm.shell('uname -r'), newer);

      await runLong(vm, `dpkg --install ${kernel}`);
      await vm.reboot();

      assert.equal(await vm.shell('uname -r'), newer);
      await assertOwnDisk(vm);
    });

    test('a new GRUB and a new shim are also where the firmware looks, and start the system', async () => {
      for (const { to } of copies) await vm.shell(`echo older | sudo -n tee -a ${to} > /dev/null`);
      const packages = await fetchPackages(vm, distro, usual.arch, ['grub-efi-amd64-signed', 'shim-signed']);

      await runLong(vm, `dpkg --install ${packages.join(' ')}`);

      for (const { from, to } of copies) await vm.shell(`sudo -n cmp ${from} ${to}`);
      await vm.reboot();
      await assertOwnDisk(vm);
    });

    test("after Ubuntu's grub-install has put shim's fallback program there, it still starts without a second start", async () => {
      await runLong(vm, 'grub-install --target=x86_64-efi --bootloader-id=debian');
      await vm.shell('sudo -n test -s /boot/efi/EFI/BOOT/fbx64.efi');
      const before = await vm.powerOns();

      await vm.startWithBlankFirmware();

      assert.equal(await vm.powerOns(), before + 1);
      await assertOwnDisk(vm);
    });

    test('after all that, with Secure Boot and a blank NVRAM, it starts in one go', async () => {
      const before = await vm.powerOns();

      await vm.startWithBlankFirmware('secure-boot');

      assert.equal(await vm.powerOns(), before + 1);
      assert.match(await vm.shell('mokutil --sb-state'), /^SecureBoot enabled/);
    });
  },
);
