import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCoalescer } from '../../src/watch/coalescer.ts';

const quick = { delayMs: 5, retryMs: 5, longestRetryMs: 20 };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test('a burst of triggers is one run', async () => {
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve('done');
  }, quick);

  for (let n = 0; n < 100; n++) coalescer.trigger();
  await pause(40);
  await coalescer.close();

  assert.equal(runs, 1);
});

test('steady triggers do not put the run off', async () => {
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve('done');
  }, quick);

  for (let n = 0; n < 20; n++) {
    coalescer.trigger();
    await pause(2);
  }
  await coalescer.close();

  assert.ok(runs >= 3, `${runs} runs`);
});

test('a trigger during a run leads to one more, and two never overlap', async () => {
  let [running, most, runs] = [0, 0, 0];
  const coalescer = createCoalescer(async () => {
    runs += 1;
    running += 1;
    most = Math.max(most, running);
    await pause(20);
    running -= 1;
    return 'done';
  }, quick);

  coalescer.trigger();
  await pause(15);
  coalescer.trigger();
  coalescer.trigger();
  await pause(80);
  await coalescer.close();

  assert.deepEqual({ runs, most }, { runs: 2, most: 1 });
});

test('an unfinished run is repeated until it is done', async () => {
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve(runs < 3 ? 'unfinished' : 'done');
  }, quick);

  coalescer.trigger();
  await pause(100);
  await coalescer.close();

  assert.equal(runs, 3);
});

test('after close nothing runs', async () => {
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve('unfinished');
  }, quick);

  coalescer.trigger();
  await coalescer.close();
  coalescer.trigger();
  await pause(20);

  assert.equal(runs, 0);
});
