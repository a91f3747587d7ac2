import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HostError } from '@pxeboot/config/kit/errors';

import {
  availableMemory,
  devicesUpFrom,
  isDiskName,
  serialFromVpd,
  transportOf,
  usesOf,
} from '../../../src/probe/parse/sysfs.ts';

test('disks are told from what only looks like one', () => {
  for (const name of ['vda', 'sda', 'nvme0n1', 'xvda', 'mmcblk0']) assert.ok(isDiskName(name), name);
  const others = [
    'loop0',
    'ram0',
    'sr0',
    'fd0',
    'mtdblock0',
    'dm-0',
    'md127',
    'zram0',
    'bcache0',
    'drbd0',
    'nbd0',
    'rbd0',
  ];
  for (const name of [...others, 'mmcblk0boot0', 'mmcblk0rpmb']) assert.ok(!isDiskName(name), name);
});

test('how a disk is attached shows in its name or its place in sysfs', () => {
  const pci = '/sys/devices/pci0000:00/0000:00:1f.2';
  const places = [
    ['vda', '/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda', 'virtio'],
    ['nvme0n1', `${pci}/nvme/nvme0/nvme0n1`, 'nvme'],
    ['sda', `${pci}/ata1/host0/target0:0:0/0:0:0:0/block/sda`, 'sata'],
    ['sda', `${pci}/virtio2/host2/target2:0:0/2:0:0:0/block/sda`, 'scsi'],
    ['sda', `${pci}/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sda`, 'usb'],
    ['mmcblk0', '/sys/devices/platform/sdhci/mmc_host/mmc0/mmc0:0001/block/mmcblk0', 'mmc'],
    ['xvda', '/sys/devices/vbd-51712/block/xvda', 'xen'],
    ['pmem0', '/sys/devices/LNXSYSTM:00/ndbus0/region0/namespace0.0/block/pmem0', 'other'],
  ] as const;

  for (const [name, path, transport] of places) assert.equal(transportOf(name, path), transport, path);
});

test('the memory that programs can take is not the memory that is free', () => {
  const meminfo = 'MemTotal:         333816 kB\nMemFree:           20000 kB\nMemAvailable:      61440 kB\n';

  assert.equal(availableMemory(meminfo), 60 * 2 ** 20);
  assert.throws(() => availableMemory('MemTotal: 1 kB\n'), HostError);
});

test('the serial number stands behind the header of its page', () => {
  const page = Buffer.concat([Buffer.from([0, 0x80, 0, 6]), Buffer.from('  AB1 beyond')]);

  assert.equal(serialFromVpd(page), 'AB1');
  assert.equal(serialFromVpd(Buffer.from([0, 0x83, 0, 1, 65])), '');
  assert.equal(serialFromVpd(Buffer.alloc(0)), '');
});

test('a disk is in use when it or a partition is mounted, is swap space or is held', () => {
  const devices = [
    { path: '/dev/vda', number: '254:0', holders: [] },
    { path: '/dev/vda1', number: '254:1', holders: [] },
    { path: '/dev/vda2', number: '254:2', holders: ['dm-0', 'md1'] },
  ];
  const mountinfo =
    '22 27 0:21 / /proc rw - proc proc rw\n30 27 254:1 / /boot rw - ext4 /dev/vda1 rw\n' +
    '31 27 0:40 /@ /data rw shared:1 - btrfs /dev/vda2 rw\n';
  const swaps = 'Filename\tType\tSize\tUsed\tPriority\n/dev/vda2   partition\t1\t0\t-2\n';

  assert.deepEqual(usesOf(devices, mountinfo, swaps), [
    '/dev/vda1 is mounted on /boot',
    '/dev/vda2 is mounted on /data',
    '/dev/vda2 is swap space',
    '/dev/vda2 is held by dm-0',
    '/dev/vda2 is held by md1',
  ]);
  assert.deepEqual(usesOf(devices.slice(0, 1), mountinfo, swaps), []);
});

test('a device hangs on those above it in sysfs, up to the directory of all', () => {
  assert.deepEqual(devicesUpFrom('/sys/devices/pci0000:00/0000:00:02.0/virtio1', '/sys/devices'), [
    '/sys/devices/pci0000:00/0000:00:02.0/virtio1',
    '/sys/devices/pci0000:00/0000:00:02.0',
    '/sys/devices/pci0000:00',
  ]);
  assert.deepEqual(devicesUpFrom('/sys/devices', '/sys/devices'), []);
  assert.deepEqual(devicesUpFrom('/sys/devices2/a', '/sys/devices'), []);
});
