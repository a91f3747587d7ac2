import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs, httpGet } from '../../src/container.ts';
import { diskSerial } from '../../src/decide/qemu-arguments.ts';
import { labDown } from '../../src/lab.ts';
import { consoleText } from '../e2e/support/console.ts';
import { deriveImage, gzipRootfs, removeImage } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const name = 'nvme';
/** An image with both tarballs. */
const distro = 'debian-12-test-zstd';
const install = { once: true, disk: { serial: diskSerial } };

describe(
  'an NVMe disk with sectors of 4096 bytes, named by its serial number beside a virtio disk, and a second network card',
  endToEndSuite(['zstd']),
  () => {
    let vm: InstalledVm;

    before(async () => {
      await freshLab();
      await deriveImage(lab, usual.distro, distro, usual.arch, 'gzip -dc "$1" | zstd -q -1', 'rootfs.tar.zst');
      const start = { first: 'network', bus: 'nvme-4k', spareDisk: 'virtio', spareNic: 'unplugged' } as const;
      vm = await installVm(lab, { ...usual, name, number: 40, distro, install }, start);
    });

    after(async () => {
      await labDown(lab);
      await removeImage(lab, distro);
    });

    test('the system runs from it', async () => {
      const source = await vm.shell('findmnt -no SOURCE /');
      assert.match(source, /^\/dev\/nvme0n1p2$/);
      assert.equal(await vm.shell('cat /sys/block/nvme0n1/queue/logical_block_size'), '4096');
      assert.equal(await vm.shell('findmnt -no SOURCE /boot/efi'), '/dev/nvme0n1p1');
    });

    test('the installer asked for an address on the card that the machine was booted from, not on the first one', async () => {
      assert.match(await consoleText(lab, name), /os_installer network up device=eth1 setup=dhcp/);
      assert.match(await vm.shell('ip -4 -o address show scope global'), new RegExp(`inet ${vm.ip}/24`));
    });

    test('the root file system came from the tarball that zstd made', async () => {
      const log = await containerLogs(lab);
      assert.match(log, /GET "\/images\/debian-12-test-zstd\/x86_64\/rootfs\.tar\.zst"/);
      assert.ok(!log.includes(gzipRootfs));
    });

    test('the network boots the disk that was installed', async () => {
      await vm.reboot();

      const log = await containerLogs(lab);
      assert.deepEqual(
        [...log.matchAll(/ipxe sent .*vm=nvme boot=(\w+)/g)].map(([, boot]) => boot),
        ['install', 'disk', 'disk'],
      );
    });

    test('the other disk, which the rule would have taken, is untouched', async () => {
      const written = await vm.shell("sudo -n head -c 64M /dev/vda | tr -d '\\000' | wc -c");
      assert.equal(written, '0');
    });

    test('the console says why each disk was taken or not', async () => {
      const text = await consoleText(lab, name);
      assert.match(text, /disk \/dev\/nvme0n1 \(10\.0 GiB, nvme, QEMU NVMe Ctrl, serial lab-disk.*\): taken/);
      assert.match(text, /disk \/dev\/vda \(10\.0 GiB, virtio\): install\.disk\.serial "lab-disk" does not name it/);
    });

    test('the server plans for the hardware that was reported', async () => {
      const plan = JSON.parse(await httpGet(`/api/vms/${name}/plan`, lab)) as { disk: string; assumptions: string[] };
      assert.equal(plan.disk, '/dev/nvme0n1');
      assert.ok(!plan.assumptions.some((line) => line.includes('is assumed')), plan.assumptions.join('\n'));
    });
  },
);
