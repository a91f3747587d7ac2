import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pauseMs } from '../../src/poll.ts';
import { decideWatchMode } from '../../src/watch-mode.ts';

const [ext4, fuse, ninep, overlay] = [0xef53, 0x65735546, 0x01021997, 0x794c7630];

test('local file systems give events', () => {
  for (const magic of [ext4, 0x01021994, 0x58465342, 0x9123683e]) {
    assert.equal(decideWatchMode('auto', { magic }).mode, 'events', magic.toString(16));
  }
});

test('shares are polled, and so is what is not known', () => {
  const reasons = [ninep, fuse, 0x6969, 0x517b, 0x12345678].map((magic) => decideWatchMode('auto', { magic }));

  assert.deepEqual(reasons, [
    { mode: 'poll', reason: 'the file system is 9p' },
    { mode: 'poll', reason: 'the file system is FUSE or virtiofs' },
    { mode: 'poll', reason: 'the file system is NFS' },
    { mode: 'poll', reason: 'the file system is SMB' },
    { mode: 'poll', reason: 'the file system is of a kind not known here (0x12345678)' },
  ]);
});

test('an overlay is what its layers are; with a share among them or layers unseen it is polled', () => {
  assert.deepEqual(decideWatchMode('auto', { magic: overlay, layers: [ext4, ext4] }).mode, 'events');
  assert.deepEqual(decideWatchMode('auto', { magic: overlay, layers: [ext4, ninep] }), {
    mode: 'poll',
    reason: 'the file system is an overlay of 9p',
  });
  assert.equal(decideWatchMode('auto', { magic: overlay, layers: undefined }).mode, 'poll');
});

test('a setting wins over the file system', () => {
  assert.equal(decideWatchMode('poll', { magic: ext4 }).mode, 'poll');
  assert.equal(decideWatchMode('events', { magic: ninep }).mode, 'events');
});

test('polling pauses half a second, and longer only to stay below a tenth of a core', () => {
  assert.deepEqual([0, 50, 200].map(pauseMs), [500, 500, 2000]);
});
