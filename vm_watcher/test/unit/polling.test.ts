import assert from 'node:assert/strict';
import { test } from 'node:test';

import { costOfPolling, pollPauseMs } from '../../src/decide/polling.ts';

test('polling pauses half a second, and longer only to stay below a tenth of a core', () => {
  assert.deepEqual([0, 50, 200].map(pollPauseMs), [500, 500, 2000]);
});

test('a pass that found changes says at most that polling costs less than was known', () => {
  assert.equal(costOfPolling(40, 60, false), 60);
  assert.equal(costOfPolling(40, 500, true), 40);
  assert.equal(costOfPolling(1200, 60, true), 60);
});
