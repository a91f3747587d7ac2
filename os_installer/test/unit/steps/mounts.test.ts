import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mountPoints } from '../../../src/steps/shared/mounts.ts';

const mounts = `proc /proc proc rw 0 0
/dev/vda2 /mnt/target ext4 rw 0 0
/dev/vda1 /mnt/target/boot/efi vfat rw 0 0
/dev/vdb1 /mnt/target-of-another ext4 rw 0 0
tmpfs /mnt/target/with\\040space tmpfs rw 0 0
`;

test('mount points at and below a directory are found in their order, with their escapes resolved', () => {
  assert.deepEqual(mountPoints(mounts, '/mnt/target'), [
    '/mnt/target',
    '/mnt/target/boot/efi',
    '/mnt/target/with space',
  ]);
});

test('a directory with nothing mounted has no mount points', () => {
  assert.deepEqual(mountPoints(mounts, '/mnt/elsewhere'), []);
});
