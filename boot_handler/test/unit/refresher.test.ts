import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { createRefresher } from '../../src/vms/refresher.ts';

/** Whatever waits for no timer has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface StoppedClock {
  now(): number;
  /** Time passes by a millisecond at a time, and what is due then runs. */
  pass(ms: number): Promise<void>;
}

function stopClock(context: TestContext): StoppedClock {
  let nowMs = 1000;
  context.mock.timers.enable({ apis: ['setTimeout'] });
  return {
    now: () => nowMs,
    async pass(ms) {
      for (let passed = 0; passed < ms; passed++) {
        await settled();
        nowMs += 1;
        context.mock.timers.tick(1);
      }
      await settled();
    },
  };
}

test('calls that wait share one scan, and it begins after each of them', async () => {
  let scans = 0;
  const refresh = createRefresher(() => {
    scans += 1;
    return Promise.resolve();
  }, 1);

  await Promise.all([refresh(), refresh(), refresh()]);

  assert.equal(scans, 1);
});

test('a call during a scan waits for the next one, since its file may have come too late for this one', async (context) => {
  const { now, pass } = stopClock(context);
  const started: (() => void)[] = [];
  const refresh = createRefresher(() => new Promise((resolve) => started.push(resolve)), 1, now);

  const first = refresh();
  await new Promise((resolve) => setImmediate(resolve));
  const second = refresh();
  started[0]?.();
  await first;
  assert.equal(started.length, 1);
  await pass(1);
  started[1]?.();
  await second;

  assert.equal(started.length, 2);
});

test('scans keep their distance however many calls come', async (context) => {
  const { now, pass } = stopClock(context);
  const times: number[] = [];
  const refresh = createRefresher(
    () => {
      times.push(now());
      return Promise.resolve();
    },
    30,
    now,
  );

  const calls = (async () => {
    for (let call = 0; call < 3; call++) await refresh();
  })();
  await pass(60);
  await calls;

  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.deepEqual(gaps, [30, 30]);
});

test('after a scan that took long the next one begins three times as long after it', async (context) => {
  const { now, pass } = stopClock(context);
  const times: number[] = [];
  const refresh = createRefresher(
    () => {
      times.push(now());
      return new Promise((resolve) => setTimeout(resolve, 20));
    },
    30,
    now,
  );

  const calls = refresh().then(refresh);
  await pass(100);
  await calls;

  assert.deepEqual(times, [1000, 1080]);
});

test('a failed scan fails its callers and not the next ones', async (context) => {
  const { now, pass } = stopClock(context);
  let scans = 0;
  const refresh = createRefresher(
    () => {
      scans += 1;
      return scans === 1 ? Promise.reject(new Error('gone')) : Promise.resolve();
    },
    1,
    now,
  );

  await assert.rejects(refresh(), /gone/);
  const next = refresh();
  await pass(1);
  await next;
});
