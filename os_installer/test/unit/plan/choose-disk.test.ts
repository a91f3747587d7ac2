import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DiskHints } from '@pxeboot/config/contract/disk-hints';
import type { Disk } from '@pxeboot/config/contract/hardware-facts';
import { InputError } from '@pxeboot/config/kit/errors';

import { chooseDisk } from '../../../src/plan/choose-disk.ts';
import { disk, gib } from '../sample-machine.ts';

const usb = disk('sdu', { transport: 'usb', model: 'Stick', serial: 'U1' });
const removable = disk('sdr', { removable: true, serial: 'R1' });

function refusal(disks: Disk[], hints: DiskHints = {}): string {
  try {
    chooseDisk(disks, hints, 2 * gib);
  } catch (error) {
    assert(error instanceof InputError);
    return error.message;
  }
  return assert.fail('a disk was chosen');
}

function chosen(disks: Disk[], hints: DiskHints = {}): string {
  return chooseDisk(disks, hints, 2 * gib).disk.name;
}

test('the only suitable disk is taken, and every other one named with its reason', () => {
  const disks = [
    usb,
    removable,
    disk('sdb', { readOnly: true }),
    disk('sdc', { sizeBytes: gib }),
    disk('sdd', { sizeBytes: 0 }),
    disk('sde', { uses: ['/dev/sde1 is mounted on /mnt', '/dev/sde2 is held by dm-0'] }),
    disk('vda', { serial: 'root' }),
  ];

  const { disk: taken, reasons, rule } = chooseDisk(disks, {}, 2 * gib);

  assert.equal(taken.path, '/dev/vda');
  assert.deepEqual(reasons, [
    '/dev/sdu (10.0 GiB, usb, Stick, serial U1): it is attached by USB, which is used only when install.disk names its path, serial or wwn',
    '/dev/sdr (10.0 GiB, sata, serial R1): it is removable, which is used only when install.disk names its path, serial or wwn',
    '/dev/sdb (10.0 GiB, sata): it is read-only',
    '/dev/sdc (1.0 GiB, sata): it is too small, 2.0 GiB are needed',
    '/dev/sdd (0 MiB, sata): it has no medium',
    '/dev/sde (10.0 GiB, sata): it is in use: /dev/sde1 is mounted on /mnt, /dev/sde2 is held by dm-0',
    '/dev/vda (10.0 GiB, virtio, serial root): taken',
  ]);
  assert.equal(rule, undefined);
});

test('of several suitable disks the rule takes virtio before NVMe before SATA before SCSI, then the lowest name', () => {
  const order = [
    disk('sdz', { transport: 'scsi' }),
    disk('sdaa'),
    disk('sdb'),
    disk('nvme10n1'),
    disk('nvme2n1'),
    disk('vdb'),
    disk('vda'),
  ];

  const taken = order.map((_, index) => chosen(order.slice(0, index + 1)));

  assert.deepEqual(taken, ['sdz', 'sdaa', 'sdb', 'nvme10n1', 'nvme2n1', 'vdb', 'vda']);
});

test('two equal disks: the rule that decided is told, and the other one is logged as suitable', () => {
  const { reasons, rule } = chooseDisk([disk('vdb'), disk('vda')], {}, 1);

  assert.deepEqual(reasons, [
    '/dev/vdb (10.0 GiB, virtio): suitable, but not chosen',
    '/dev/vda (10.0 GiB, virtio): taken',
  ]);
  assert.equal(
    rule,
    '2 disks are suitable; the rule takes virtio, then NVMe, then SATA, then SCSI, then the others, and of those the lowest ' +
      'name; "install.disk" in the definition names another',
  );
});

test('a hint wins over the rule: by path, by a link, by serial, by world wide name in each spelling', () => {
  const named = disk('sdb', {
    links: ['/dev/disk/by-id/ata-1'],
    serial: 'S2',
    wwn: 'naa.5000C500A1B2C3D4',
    transport: 'scsi',
  });
  const disks = [disk('vda', { serial: 'S1' }), disk('sda', { wwn: 'naa.5000c500a1b2c3d5' }), named];

  for (const hints of [
    { path: '/dev/sdb' },
    { path: '/dev/disk/by-id/ata-1' },
    { serial: 'S2' },
    { wwn: '0x5000c500a1b2c3d4' },
    { wwn: 'naa.5000c500a1b2c3d4' },
    { wwn: '5000C500A1B2C3D4' },
    { path: '/dev/sdb', serial: 'S2' },
  ]) {
    assert.equal(chosen(disks, hints), 'sdb', JSON.stringify(hints));
  }
});

test('a hint that names nothing is refused, and no other disk is taken', () => {
  assert.equal(
    refusal([disk('vda', { serial: 'S1' })], { serial: 'S2' }),
    'choose a disk by install.disk {"serial":"S2"}: /dev/vda (10.0 GiB, virtio, serial S1): ' +
      'install.disk.serial "S2" does not name it; give the VM a writable disk of at least 2.0 GiB',
  );
  assert.match(refusal([disk('vda')], { path: '/dev/vdz' }), /install\.disk\.path "\/dev\/vdz" does not name it/);
  assert.match(refusal([disk('vda')], { wwn: '0x1' }), /install\.disk\.wwn "0x1" does not name it/);
});

test('of two hints both must be true', () => {
  assert.match(
    refusal([disk('vda', { serial: 'S1' })], { path: '/dev/vda', serial: 'S2' }),
    /\/dev\/vda .*: install\.disk\.serial "S2" does not name it/,
  );
});

test('a hint that names several disks is refused, with all of them', () => {
  const disks = [disk('sda', { serial: 'S' }), disk('sdb', { serial: 'S' }), disk('vda')];

  assert.match(
    refusal(disks, { serial: 'S' }),
    /it names several disks: \/dev\/sda \(.*\); \/dev\/sdb \(.*\); add a hint that only one fulfils$/,
  );
});

test('a hint that names a second disk is refused though that one is not suitable: the other may be the wrong one', () => {
  const free = disk('sda', { serial: 'S' });

  for (const other of [
    disk('sdb', { serial: 'S', uses: ['/dev/sdb1 is mounted on /'] }),
    disk('sdb', { serial: 'S', readOnly: true }),
    disk('sdb', { serial: 'S', sizeBytes: gib }),
  ]) {
    assert.match(refusal([free, other], { serial: 'S' }), /it names several disks: \/dev\/sda \(.*\); \/dev\/sdb/);
  }
  assert.equal(chosen([free, disk('sdb', { serial: 'S', sizeBytes: gib })], { serial: 'S', min_size: '5GiB' }), 'sda');
  assert.equal(chosen([free, disk('sdb', { serial: 'S', sizeBytes: 0 })], { serial: 'S' }), 'sda', 'an empty drive');
});

test('USB and removable disks are used when path, serial or wwn names them, and not for a size', () => {
  assert.equal(chosen([disk('vda'), usb], { path: '/dev/sdu' }), 'sdu');
  assert.equal(chosen([disk('vda'), removable], { serial: 'R1' }), 'sdr');
  assert.equal(chosen([usb, disk('sda')], { min_size: '5GiB' }), 'sda');
  assert.match(refusal([usb], { min_size: '5GiB' }), /attached by USB/);
});

test('a disk that is in use, read-only or too small is refused even when a hint names it', () => {
  for (const [given, reason] of [
    [{ uses: ['/dev/vda1 is mounted on /'] }, /it is in use: \/dev\/vda1 is mounted on \//],
    [{ readOnly: true }, /it is read-only/],
    [{ sizeBytes: gib }, /it is too small, 2\.0 GiB are needed/],
  ] as const) {
    assert.match(
      refusal([disk('vda', { ...given, uses: 'uses' in given ? [...given.uses] : [] })], { path: '/dev/vda' }),
      reason,
    );
  }
});

test('min_size leaves smaller disks alone, and never allows one that is too small for the system', () => {
  assert.equal(chosen([disk('vda'), disk('sda', { sizeBytes: 30 * gib })], { min_size: '20GiB' }), 'sda');
  assert.match(refusal([disk('vda')], { min_size: '20GiB' }), /it is too small, 20\.0 GiB are needed/);
  assert.match(
    refusal([disk('vda', { sizeBytes: gib })], { min_size: '1MiB' }),
    /it is too small, 2\.0 GiB are needed/,
  );
});

test('a machine without a disk is refused', () => {
  assert.equal(refusal([]), 'choose a disk: this machine has no disk; give the VM a writable disk of at least 2.0 GiB');
});
