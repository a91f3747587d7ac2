import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { provisionerIp } from '../../src/decide/settings.ts';
import { labDown } from '../../src/lab.ts';
import { ipOf, machinePaths, saveDefinition } from '../../src/vm-files.ts';
import { startDefaults, startVm } from '../../src/vm.ts';
import { consoleText } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { assertMemory, testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installedVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { makeUsedDisk } from '../e2e/support/used-disk.ts';

/** Its cloud kernel has a driver for AHCI; that of Debian 12 has none. */
const distro = 'debian-13';
const name = 'hard';
const number = 72;
const memoryMiB = 1024;
const ip = ipOf(number);
/** The last ip= on the kernel line counts. It names no interface: the MAC does. */
const install = { kernel_args: [`ip=${ip}::${provisionerIp}:255.255.255.0:::none:${provisionerIp}`] };

describe(
  'a machine with 1 GB of memory, two network cards, a static address, and a SATA disk that was in a volume group and an md array',
  endToEndSuite(['losetup', 'partx', 'sfdisk', 'vgcreate', 'blkid']),
  () => {
    let vm: InstalledVm;

    before(async () => {
      await freshLab({ ...usual, distro });
      await saveDefinition(lab, { ...usual, name, number, distro, install });
      await makeUsedDisk(machinePaths(lab, name).disk);
      await startVm(lab, name, { ...startDefaults, memoryMiB, bus: 'sata', spareNic: 'unplugged' });
      vm = await installedVm(lab, name);
    });

    after(async () => {
      await labDown(lab);
    });

    test('the system runs from that disk', async () => {
      assert.equal(await vm.shell('findmnt -no SOURCE /'), '/dev/sda2');
      assert.equal(await vm.shell('findmnt -no SOURCE /boot/efi'), '/dev/sda1');
      assert.match(await vm.shell('readlink -f /sys/block/sda'), /\/ata\d+\//);
    });

    test('the console says which disk was taken', async () => {
      assert.match(await consoleText(lab, name), /disk \/dev\/sda \(10\.0 GiB, sata, .*\): taken/);
    });

    test('the installer asked nobody for its address, and took the card that the machine was booted from', async () => {
      assert.match(await consoleText(lab, name), /os_installer network up device=eth1 setup=static/);
      assert.equal(vm.ip, ip);
    });

    test('the static form is for the installer alone: the system has its address from its own settings', async () => {
      assert.doesNotMatch(await vm.shell('cat /proc/cmdline'), /\bip=/);
      assert.match(await vm.shell('ip -4 -o address show scope global'), new RegExp(`inet ${ip}/24`));
    });

    test('it has no more memory than that', async () => {
      await assertMemory(vm, memoryMiB);
    });

    test('nothing is left of volume group and array', async () => {
      const signatures = async (device: string): Promise<string[]> =>
        (await vm.shell(`sudo -n wipefs --noheadings --output TYPE ${device}`)).split(/\s+/);

      assert.deepEqual(await signatures('/dev/sda'), ['gpt', 'gpt', 'PMBR']);
      assert.deepEqual(await signatures('/dev/sda1'), ['vfat', 'vfat', 'vfat']);
      assert.deepEqual(await signatures('/dev/sda2'), ['ext4']);
    });

    testCleanCloudInit(() => vm);
  },
);
