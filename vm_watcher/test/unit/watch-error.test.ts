import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explainWatchError } from '../../src/decide/watch-error.ts';

function errorWith(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code });
}

test('a limit of inotify ends all events, and the limit that was reached is named', () => {
  for (const [code, limit] of [
    ['ENOSPC', 'fs.inotify.max_user_watches'],
    ['EMFILE', 'fs.inotify.max_user_instances'],
  ] as const) {
    assert.deepEqual(explainWatchError(errorWith(code), '/vms'), {
      message: 'no file events, the directory is polled',
      fields: {
        vms: '/vms',
        reason: `${code}: it failed`,
        fix: `raise ${limit} on the host ("sysctl ${limit}" shows it, "sysctl -w ${limit}=NUMBER" sets it), then restart`,
      },
      noEvents: true,
    });
  }
});

test('any other error only makes events incomplete', () => {
  assert.deepEqual(explainWatchError(errorWith('EACCES'), '/vms'), {
    message: 'file events are not complete, rescans go on',
    fields: { reason: 'EACCES: it failed' },
    noEvents: false,
  });
});
