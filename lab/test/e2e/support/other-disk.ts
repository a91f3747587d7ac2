import assert from 'node:assert/strict';
import { test } from 'node:test';

import { consoleText } from './console.ts';
import type { InstalledVm } from './installed-vm.ts';
import { lab } from './test-lab.ts';

/** Whatever names the disk that a re-enacted image was made on: lab/image/like. */
const otherDisk = [
  'cloudimg-rootfs',
  'LABEL=(BOOT|UEFI)',
  '5a1b0c7e-0d3f-4c2a-9a4e-3f8a1c5d7b62',
  'c3d9f1a2-6b7e-4f10-8d25-90e4b1a7c836',
  '8d4e6f02-31a7-4b5c-9e0f-7c2b9a6d1e35',
  'f0e7c2d4-5b19-4a83-8c6e-2d9b7a1f4c50',
  '7B77-95E7',
  'subvol=',
  'image\\.remains',
];
/** Where a boot loader or systemd would obey it. */
const obeyed =
  '/etc/fstab /proc/cmdline /etc/kernel /boot/grub/grub.cfg /boot/grub2/grub.cfg /boot/loader /boot/efi/EFI';

/** What must hold for a system that starts by itself from the disk that it was installed on, and later too.
 * @param entry what the firmware calls it */
export function testOwnDisk(vm: () => InstalledVm, entry: string): void {
  test('it was switched on twice: for its installer, and for its disk, by a boot entry of its own', async () => {
    assert.equal(await vm().powerOns(), 2);
    assert.equal(await vm().networkBoots(), 1);
    assert.match(await consoleText(lab, vm().name), new RegExp(`BdsDxe: starting Boot[\\dA-F]{4} "${entry}"`));
  });

  test('its kernel was given its root file system, and nothing that starts it names the disk of the image', async () => {
    await assertOwnDisk(vm());
  });
}

/** @throws AssertionError the kernel was started with another root file system, or something would do so next time */
export async function assertOwnDisk(vm: InstalledVm): Promise<void> {
  const uuid = await vm.shell('findmnt -no UUID /');
  assert.match(await vm.shell('cat /proc/cmdline'), new RegExp(`(^| )root=UUID=${uuid} `));
  const found = await vm.shell(`sudo -n grep -rsEi -e '${otherDisk.join('|')}' ${obeyed} || [ $? != 0 ]`);
  assert.equal(found, '');
}
