import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createRefresher } from '../../src/vms/refresher.ts';

test('calls that wait share one scan, and it begins after each of them', async () => {
  let scans = 0;
  const refresh = createRefresher(() => {
    scans += 1;
    return Promise.resolve();
  }, 1);

  await Promise.all([refresh(), refresh(), refresh()]);

  assert.equal(scans, 1);
});

test('a call during a scan waits for the next one, since its file may have come too late for this one', async () => {
  const started: (() => void)[] = [];
  const refresh = createRefresher(() => new Promise((resolve) => started.push(resolve)), 1);

  const first = refresh();
  await new Promise((resolve) => setImmediate(resolve));
  const second = refresh();
  started[0]?.();
  await first;
  while (started.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  started[1]?.();
  await second;

  assert.equal(started.length, 2);
});

test('scans keep their distance however many calls come', async () => {
  const times: number[] = [];
  const refresh = createRefresher(() => {
    times.push(performance.now());
    return Promise.resolve();
  }, 30);

  await refresh();
  await refresh();
  await refresh();

  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.ok(
    gaps.every((gap) => gap >= 28),
    `gaps ${gaps.join(' ')} ms`,
  );
});

test('a failed scan fails its callers and not the next ones', async () => {
  let scans = 0;
  const refresh = createRefresher(() => {
    scans += 1;
    return scans === 1 ? Promise.reject(new Error('gone')) : Promise.resolve();
  }, 1);

  await assert.rejects(refresh(), /gone/);
  await refresh();
});
