import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { modulesFor } from '../../src/probe/drivers.ts';
import { fakeRoot } from './support/fake-root.ts';
import { driver, loaded, nvmeDisk } from './support/sysfs-trees.ts';

const pci = 'sys/devices/pci0000:00/0000:00:05.0';

test('a disk on virtio-scsi needs the drivers of itself, of its controller and of the bus, and the file system', async (context) => {
  const lun = `${pci}/virtio2/host2/target2:0:0/2:0:0:0`;
  const root = await fakeRoot(context, {
    'sys/class/block/sda': `-> ../../../${lun}/block/sda`,
    [`${lun}/block/sda/device`]: '-> ../../../2:0:0:0',
    ...driver(lun, 'scsi', 'sd', 'sd_mod'),
    ...driver(`${pci}/virtio2`, 'virtio', 'virtio_scsi', 'virtio_scsi'),
    ...driver(pci, 'pci', 'virtio-pci', 'virtio_pci'),
    ...loaded('sd_mod', 'virtio_scsi', 'virtio_pci', 'ext4', 'e1000'),
  });

  assert.deepEqual(await modulesFor('/dev/sda', 'ext4', join(root, 'sys')), [
    'ext4',
    'sd_mod',
    'virtio_pci',
    'virtio_scsi',
  ]);
});

test('what is built into the kernel is not asked for', async (context) => {
  const root = await fakeRoot(context, {
    ...nvmeDisk,
    ...driver('sys/devices/pci0000:00', 'pci', 'pcieport', 'pcieportdrv'),
    'sys/module/pcieportdrv/parameters/x': '1\n',
    'sys/module/ext4/parameters/x': '1\n',
    ...loaded('nvme'),
  });

  assert.deepEqual(await modulesFor('/dev/nvme0n1', 'ext4', join(root, 'sys')), ['nvme']);
});

test('a disk with two NVMe controllers needs the drivers of both', async (context) => {
  const [first, second] = ['sys/devices/pci0000:00/0000:00:06.0', 'sys/devices/platform/400.nvme'];
  const subsystem = 'sys/devices/virtual/nvme-subsystem/nvme-subsys0';
  const root = await fakeRoot(context, {
    'sys/class/block/nvme0n1': `-> ../../../${subsystem}/nvme0n1`,
    [`${subsystem}/nvme0n1/device`]: '-> ../../nvme-subsys0',
    [`${subsystem}/nvme0`]: `-> ../../../../../${first}/nvme/nvme0`,
    [`${subsystem}/nvme1`]: `-> ../../../../../${second}/nvme/nvme1`,
    [`${first}/nvme/nvme0/model`]: 'x\n',
    [`${second}/nvme/nvme1/model`]: 'x\n',
    ...driver(first, 'pci', 'nvme', 'nvme'),
    ...driver(second, 'platform', 'apple-nvme', 'nvme_apple'),
    ...loaded('nvme', 'nvme_apple'),
  });

  assert.deepEqual(await modulesFor('/dev/nvme0n1', 'ext4', join(root, 'sys')), ['nvme', 'nvme_apple']);
});

test('a disk without a device, as a loop has, needs the file system alone', async (context) => {
  const root = await fakeRoot(context, { 'sys/class/block/loop0/size': '8\n', 'sys/devices/x': '', ...loaded('ext4') });

  assert.deepEqual(await modulesFor('/dev/loop0', 'ext4', join(root, 'sys')), ['ext4']);
});
