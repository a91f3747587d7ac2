import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decideWatchMode } from '../../src/decide/watch-mode.ts';

test('local file systems give events', () => {
  for (const type of ['ext4', 'tmpfs', 'xfs', 'btrfs']) {
    assert.deepEqual(decideWatchMode('auto', { type }), { mode: 'events', reason: `the file system is ${type}` });
  }
});

test('shares are polled, and so is what is not known', () => {
  for (const type of ['9p', 'virtiofs', 'fuse', 'fuse.sshfs', 'nfs4', 'cifs', 'vboxsf', 'newfs']) {
    assert.deepEqual(decideWatchMode('auto', { type }), { mode: 'poll', reason: `the file system is ${type}` });
  }
  assert.deepEqual(decideWatchMode('auto', { type: undefined }), {
    mode: 'poll',
    reason: 'the file system is one not known',
  });
});

test('an overlay is what its layers are; with a share among them or layers unseen it is polled', () => {
  assert.deepEqual(decideWatchMode('auto', { type: 'overlay', layers: ['ext4', 'ext4'] }).mode, 'events');
  assert.deepEqual(decideWatchMode('auto', { type: 'overlay', layers: ['ext4', '9p'] }), {
    mode: 'poll',
    reason: 'the file system is an overlay of 9p',
  });
  assert.deepEqual(decideWatchMode('auto', { type: 'overlay', layers: ['ext4', undefined] }), {
    mode: 'poll',
    reason: 'the file system is an overlay of one not known',
  });
  assert.equal(decideWatchMode('auto', { type: 'overlay', layers: undefined }).mode, 'poll');
});

test('a setting wins over the file system', () => {
  assert.equal(decideWatchMode('poll', { type: 'ext4' }).mode, 'poll');
  assert.equal(decideWatchMode('events', { type: '9p' }).mode, 'events');
});
