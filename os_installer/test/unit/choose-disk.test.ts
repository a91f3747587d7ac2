import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/errors';

import { chooseDisk } from '../../src/choose-disk.ts';
import type { HardwareFacts } from '../../src/facts.ts';
import { disk, gib, hardware } from './machine.ts';

function refusal(facts: HardwareFacts, hint?: string): string {
  try {
    chooseDisk(facts, hint, 2 * gib);
  } catch (error) {
    assert(error instanceof InputError);
    return error.message;
  }
  return assert.fail('a disk was chosen');
}

test('the only suitable disk is taken, and every other one named with its reason', () => {
  const facts = hardware([
    disk('sda', { removable: true, model: 'USB Stick' }),
    disk('sdb', { readOnly: true }),
    disk('sdc', { sizeBytes: gib }),
    disk('vda'),
  ]);

  const { disk: chosen, reasons } = chooseDisk(facts, undefined, 2 * gib);

  assert.equal(chosen.path, '/dev/vda');
  assert.deepEqual(reasons, [
    '/dev/sda (10.0 GiB, USB Stick): it is removable',
    '/dev/sdb (10.0 GiB): it is read-only',
    '/dev/sdc (1.0 GiB): it is too small, 2.0 GiB are needed',
    '/dev/vda (10.0 GiB): taken',
  ]);
});

test('among equal disks virtio comes before NVMe before SATA, then the name decides', () => {
  const order = [disk('sda'), disk('nvme10n1'), disk('nvme2n1'), disk('vdb'), disk('vda')];
  const chosen = order.map((_, index) => chooseDisk(hardware(order.slice(0, index + 1)), undefined, 1).disk.name);

  assert.deepEqual(chosen, ['sda', 'nvme10n1', 'nvme2n1', 'vdb', 'vda']);
});

test('the other of two equal disks is logged as suitable, but not chosen', () => {
  const { reasons } = chooseDisk(hardware([disk('vdb'), disk('vda')]), undefined, 1);

  assert.deepEqual(reasons, ['/dev/vdb (10.0 GiB): suitable, but not chosen', '/dev/vda (10.0 GiB): taken']);
});

test('a hint wins over the order', () => {
  const facts = hardware([disk('vda'), disk('sda')], '/dev/sda');

  assert.equal(chooseDisk(facts, '/dev/disk/by-id/ata-1', 1).disk.path, '/dev/sda');
});

test('a hint that names nothing is refused, and no other disk is taken', () => {
  assert.equal(
    refusal(hardware([disk('vda')]), '/dev/vdz'),
    'choose a disk named by install.disk.path "/dev/vdz": /dev/vda (10.0 GiB): suitable, but not chosen; ' +
      'give the VM a writable disk of at least 2.0 GiB',
  );
});

test('a hint does not make a removable disk suitable', () => {
  const message = refusal(hardware([disk('vda'), disk('sda', { removable: true })], '/dev/sda'), '/dev/sda');

  assert.match(message, /\/dev\/sda \(10\.0 GiB\): it is removable/);
});

test('a machine without a disk is refused', () => {
  assert.equal(
    refusal(hardware([])),
    'choose a disk: this machine has no disk; give the VM a writable disk of at least 2.0 GiB',
  );
});
