import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { createCoalescer } from '../../src/watch/coalescer.ts';

const quick = { delayMs: 5, retryMs: 5, longestRetryMs: 20 };

/** Whatever waits for no timer has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The time of a test stands still but for this: it passes by a millisecond at a time, and what is due then runs. */
function stopTime(context: TestContext): (ms: number) => Promise<void> {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  return async (ms) => {
    for (let passed = 0; passed < ms; passed++) {
      await settled();
      context.mock.timers.tick(1);
    }
    await settled();
  };
}

test('a burst of triggers is one run', async (context) => {
  const pass = stopTime(context);
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve('done');
  }, quick);

  for (let n = 0; n < 100; n++) coalescer.trigger();
  await pass(40);
  await coalescer.close();

  assert.equal(runs, 1);
});

test('steady triggers do not put the run off', async (context) => {
  const pass = stopTime(context);
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve('done');
  }, quick);

  for (let n = 0; n < 20; n++) {
    coalescer.trigger();
    await pass(2);
  }
  await coalescer.close();

  assert.ok(runs >= 3, `${runs} runs`);
});

test('a trigger during a run leads to one more, and two never overlap', async (context) => {
  const pass = stopTime(context);
  let [running, most, runs] = [0, 0, 0];
  const coalescer = createCoalescer(async () => {
    runs += 1;
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    return 'done';
  }, quick);

  coalescer.trigger();
  await pass(15);
  coalescer.trigger();
  coalescer.trigger();
  await pass(80);
  await coalescer.close();

  assert.deepEqual({ runs, most }, { runs: 2, most: 1 });
});

test('an unfinished run is repeated until it is done', async (context) => {
  const pass = stopTime(context);
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve(runs < 3 ? 'unfinished' : 'done');
  }, quick);

  coalescer.trigger();
  await pass(100);
  await coalescer.close();

  assert.equal(runs, 3);
});

test('after close nothing runs', async (context) => {
  const pass = stopTime(context);
  let runs = 0;
  const coalescer = createCoalescer(() => {
    runs += 1;
    return Promise.resolve('unfinished');
  }, quick);

  coalescer.trigger();
  await coalescer.close();
  coalescer.trigger();
  await pass(20);

  assert.equal(runs, 0);
});
