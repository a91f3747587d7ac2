import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLog } from '@pxeboot/config/host/log';
import { sampleVm } from '@pxeboot/config/test/support/sample-vm';

import type { TimedLease } from '@pxeboot/config/contract/lease-file';
import type { Leases } from '../../src/leases/dnsmasq-leases.ts';
import { createLeaseKeeper } from '../../src/leases/lease-keeper.ts';

const vm = sampleVm({ ip: '192.168.105.20' });
/** In seconds, when these tests begin. */
const begin = 1_795_489_200;
const earlier = [{ definition: vm, since: begin - 500 }];
const lease: TimedLease = {
  ...{ family: 4, mac: vm.mac, ip: vm.ip ?? '', hostname: vm.name, clientId: undefined },
  expiresAt: begin + 3000,
};

/** Leases as a sequence of looks into dnsmasq's file shows them; after the last one there are none. */
function looks(...contents: TimedLease[][]): Leases & { released: string[] } {
  const released: string[] = [];
  return {
    released,
    read: () => Promise.resolve(contents.shift() ?? []),
    release: ({ ip }) => {
      released.push(ip);
      return Promise.resolve({ released: true });
    },
  };
}

test('a lease that a look into the file missed is released by a later one', async () => {
  let time = 0;
  const leases = looks([], [lease]);
  const keeper = createLeaseKeeper(leases, earlier, createLog('test'), {
    now: () => time,
    time: () => begin + time / 1000,
  });
  keeper.follow([]);

  assert.equal(await keeper.pass(), 'unfinished');
  assert.deepEqual(leases.released, []);
  assert.equal(await keeper.pass(), 'unfinished');
  assert.deepEqual(leases.released, [vm.ip]);

  time = 10_000;
  assert.equal(await keeper.pass(), 'done');
});

test('a removed VM that comes back undefined keeps the lease it gets then', async () => {
  let time = 0;
  const leases = looks([], [lease]);
  const keeper = createLeaseKeeper(leases, earlier, createLog('test'), {
    now: () => time,
    time: () => begin + time / 1000,
  });
  keeper.follow([]);

  time = 10_000;
  assert.equal(await keeper.pass(), 'done');
  assert.equal(await keeper.pass(), 'done');

  assert.deepEqual(leases.released, []);
});

const another = { ...lease, ip: '192.168.105.150' };

test('a lease that is older than the reservation is released, and one that was given since is not', async () => {
  let time = 0;
  const leases = looks([another], [{ ...another, expiresAt: begin + 3602 }]);
  const keeper = createLeaseKeeper(leases, [], createLog('test'), { now: () => time, time: () => begin + time / 1000 });
  keeper.follow([vm]);

  await keeper.pass();
  time = 2000;
  await keeper.pass();

  assert.deepEqual(leases.released, [another.ip]);
});

test('what was given before the end of an earlier run is judged by the time of its definition', async () => {
  for (const [expiresAt, released] of [
    [begin - 501 + 3600, [another.ip]],
    [begin - 499 + 3600, []],
  ] as const) {
    const leases = looks([{ ...another, expiresAt }]);
    const keeper = createLeaseKeeper(leases, earlier, createLog('test'), { now: () => 0, time: () => begin });
    keeper.follow([vm]);

    await keeper.pass();

    assert.deepEqual(leases.released, released);
  }
});

test('once the leases are as the definitions say, a shorter one that a client wished for is left alone', async () => {
  let time = 0;
  const leases = looks([], [{ ...another, expiresAt: begin + 130 }]);
  const keeper = createLeaseKeeper(leases, [], createLog('test'), { now: () => time, time: () => begin + time / 1000 });
  keeper.follow([vm]);
  time = 10_000;
  assert.equal(await keeper.pass(), 'done');

  keeper.follow([vm]);
  await keeper.pass();

  assert.deepEqual(leases.released, []);
});
