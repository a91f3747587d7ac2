import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DirectoryLook, Watched } from '../../src/decide/next-watch.ts';
import { distrustEvents, nextWatch } from '../../src/decide/next-watch.ts';

const local: DirectoryLook = { identity: '1 2 ext4', stamp: 'a', facts: { type: 'ext4' } };
const share: DirectoryLook = { identity: '3 2 9p', stamp: 'a', facts: { type: '9p' } };
const byEvents: Watched['decision'] = { mode: 'events', reason: 'the file system is ext4' };
const byPolling: Watched['decision'] = { mode: 'poll', reason: 'the file system is 9p' };
const still: Watched = { seen: local, found: local, lost: undefined, decision: byEvents };

test('the first look, another directory and one that is back are followed by what they are', () => {
  const follow = { step: 'follow', decision: byEvents };

  assert.deepEqual(nextWatch('auto', { ...still, seen: undefined, decision: undefined }), follow);
  assert.deepEqual(nextWatch('auto', { ...still, seen: share, decision: byPolling }), follow);
  assert.deepEqual(nextWatch('auto', { ...still, found: share }), { step: 'follow', decision: byPolling });
  assert.deepEqual(nextWatch('poll', { ...still, seen: undefined, decision: undefined }), {
    step: 'follow',
    decision: { mode: 'poll', reason: 'VMS_WATCH is "poll"' },
  });
});

test('a directory that has gone is not watched, and while it is away nothing is done', () => {
  const gone = { ...still, found: undefined };

  assert.deepEqual(nextWatch('auto', gone), { step: 'follow', decision: undefined });
  assert.deepEqual(nextWatch('auto', { ...gone, seen: undefined, decision: undefined }), { step: 'go-on' });
});

test('a watch that was lost is set up again, also when the directory looks the same, or polls without the kernel', () => {
  assert.deepEqual(nextWatch('auto', { ...still, lost: 'directory' }), { step: 'follow', decision: byEvents });
  for (const setting of ['auto', 'events'] as const)
    assert.deepEqual(nextWatch(setting, { ...still, lost: 'watches' }), {
      step: 'follow',
      decision: { mode: 'poll', reason: 'the kernel has no watch left' },
    });
});

test('a silence is judged only where events are relied on', () => {
  const changed = { ...still, found: { ...local, stamp: 'b' } };

  assert.deepEqual(nextWatch('auto', still), { step: 'judge-silence', directoryChanged: false });
  assert.deepEqual(nextWatch('auto', changed), { step: 'judge-silence', directoryChanged: true });
  assert.deepEqual(nextWatch('auto', { ...changed, decision: byPolling }), { step: 'go-on' });
});

test('without events the directory is polled, but for a setting, which is named', () => {
  assert.deepEqual(distrustEvents('auto'), {
    fix: undefined,
    decision: { mode: 'poll', reason: 'the directory changed without an event' },
  });
  assert.deepEqual(distrustEvents('events'), { fix: 'set VMS_WATCH=auto', decision: undefined });
});
