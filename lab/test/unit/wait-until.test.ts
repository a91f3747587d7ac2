import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Clock } from '../../src/wait-until.ts';
import { GaveUp, waitUntil, waitWhile } from '../../src/wait-until.ts';

/** A clock that a pause moves at once, and what was said by it. */
function fastClock(): { clock: Clock; said: string[] } {
  let now = 0;
  const said: string[] = [];
  const pause = (ms: number): Promise<void> => {
    now += ms;
    return Promise.resolve();
  };
  return { clock: { now: () => now, pause, say: (line) => said.push(line) }, said };
}

const minute = 60_000;
const container = { name: 'the container' };

test('an answer that comes after ten minutes is taken, with a reminder every ten seconds that tells the last reason', async () => {
  const { clock, said } = fastClock();

  const answer = await waitWhile(
    'start the container',
    container,
    () => {
      if (clock.now() < 15_000) return Promise.resolve(undefined);
      return clock.now() < 10 * minute ? Promise.reject(new Error('no DHCP')) : Promise.resolve('serves');
    },
    clock,
  );

  assert.equal(answer, 'serves');
  assert.equal(said.length, 59);
  assert.deepEqual(said.slice(0, 3), [
    'still waiting for the container (10 s)',
    'still waiting for the container (20 s): no DHCP',
    'still waiting for the container (30 s): no DHCP',
  ]);
});

test('what has ended by itself is not waited for', async () => {
  const { clock, said } = fastClock();
  const ask = (): Promise<never> => Promise.reject(new GaveUp('it ended by itself'));

  await assert.rejects(waitWhile('start the container', container, ask, clock), (error: Error) => {
    assert.equal(error.message, 'start the container');
    assert.equal((error.cause as Error).message, 'it ended by itself');
    return true;
  });
  assert.equal(clock.now(), 0);
  assert.deepEqual(said, []);
});

test('what lives and does nothing new for ten minutes is given up, with the reason of the last attempt', async () => {
  const { clock } = fastClock();
  const vm = {
    name: 'VM "web1"',
    remindMs: minute,
    traces: () => Promise.resolve(clock.now() < 30 * minute ? clock.now() : 'end'),
  };
  const ask = (): Promise<never> => Promise.reject(new Error('no SSH'));

  await assert.rejects(waitWhile('log in', vm, ask, clock), {
    name: 'HostError',
    message: 'log in: nothing new for 10 minutes; the last attempt: no SSH',
  });
  assert.equal(clock.now(), 40 * minute);
});

test('traces that cannot be read are no news', async () => {
  const { clock } = fastClock();
  const vm = { name: 'VM "web1"', traces: () => Promise.reject(new Error('no engine')) };

  await assert.rejects(
    waitWhile('log in', vm, () => Promise.resolve(false), clock),
    { message: 'log in: nothing new for 10 minutes' },
  );
});

test('a wait with a time limit ends there, and tells the reason of the last attempt', async () => {
  const { clock } = fastClock();

  await assert.rejects(
    waitUntil('stop VM "web1"', 15_000, () => Promise.reject(new Error('it runs')), clock),
    { name: 'HostError', message: 'stop VM "web1": not within 15 s; the last attempt: it runs' },
  );
});
