import assert from 'node:assert/strict';
import { test } from 'node:test';

import { diskEnds, partitionEnds } from '../../../src/plan/disk-ends.ts';

const mib = 2 ** 20;

test('both ends of a partition are cleared, and nothing between them', () => {
  assert.deepEqual(partitionEnds(300 * mib), [
    { start: 0, end: 4 * mib },
    { start: 296 * mib, end: 300 * mib },
  ]);
});

test('the two copies of the partition table stay: header and 128 entries, behind the protective MBR', () => {
  const size = 4096 * mib;

  assert.deepEqual(diskEnds(size, 512), [
    { start: 34 * 512, end: 34 * 512 + 4 * mib },
    { start: size - 33 * 512 - 4 * mib, end: size - 33 * 512 },
  ]);
  assert.equal(diskEnds(size, 4096)[0]?.start, 6 * 4096);
  assert.equal(diskEnds(size, 4096)[1]?.end, size - 5 * 4096);
});

test('what is shorter than both ends is cleared whole', () => {
  assert.deepEqual(partitionEnds(mib), [{ start: 0, end: mib }]);
});
