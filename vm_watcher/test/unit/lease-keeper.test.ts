import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLog } from '@pxeboot/config/host/log';
import { sampleVm } from '@pxeboot/config/test/support/sample-vm';

import type { Lease } from '@pxeboot/config/contract/lease-file';
import type { Leases } from '../../src/leases/dnsmasq-leases.ts';
import { createLeaseKeeper } from '../../src/leases/lease-keeper.ts';

const vm = sampleVm({ ip: '192.168.105.20' });
const lease: Lease = { family: 4, mac: vm.mac, ip: vm.ip ?? '', hostname: vm.name, clientId: undefined };

/** Leases as a sequence of looks into dnsmasq's file shows them; after the last one there are none. */
function looks(...contents: Lease[][]): Leases & { released: string[] } {
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
  const keeper = createLeaseKeeper(leases, [vm], createLog('test'), () => time);
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
  const keeper = createLeaseKeeper(leases, [vm], createLog('test'), () => time);
  keeper.follow([]);

  time = 10_000;
  assert.equal(await keeper.pass(), 'done');
  assert.equal(await keeper.pass(), 'done');

  assert.deepEqual(leases.released, []);
});
