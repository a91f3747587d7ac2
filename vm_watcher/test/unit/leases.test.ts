import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Lease } from '../../src/leases.ts';
import { parseLeases, staleLeases } from '../../src/leases.ts';
import { sampleVm } from '../support/sample-vm.ts';

const leaseFile = `1795489200 52:54:00:AA:BB:01 192.168.105.20 web1 01:52:54:00:aa:bb:01
1795489201 52:54:00:aa:bb:02 192.168.105.101 * *
duid 00:01:00:01:2e:5b:6c:7d:52:54:00:00:00:01
1795489202 11189196 fd00:105::20 web1 00:01:00:01:2e:5b:6c:7d:52:54:00:aa:bb:01
1795489203 52:54:00:aa:bb:03 192.168.1`;

test('IPv4 leases are read; the DUID, IPv6 leases and a line cut short are passed over', () => {
  assert.deepEqual(parseLeases(leaseFile), [
    { mac: '52:54:00:aa:bb:01', ip: '192.168.105.20', hostname: 'web1', clientId: '01:52:54:00:aa:bb:01' },
    { mac: '52:54:00:aa:bb:02', ip: '192.168.105.101', hostname: '*', clientId: undefined },
  ]);
  assert.deepEqual(parseLeases(''), []);
});

function lease(lastPair: string, ip: string): Lease {
  return { mac: `52:54:00:aa:bb:${lastPair}`, ip, hostname: '*', clientId: undefined };
}

const nothingRemoved = new Set<string>();

test('the lease of a VM that is no longer defined is stale, that of a guest never defined is not', () => {
  const leases = [lease('01', '192.168.105.20'), lease('09', '192.168.105.109')];

  assert.deepEqual(staleLeases(leases, [], new Set(['52:54:00:aa:bb:01'])), [leases[0]]);
});

test('a lease that differs from the reserved address is stale, an equal one is not', () => {
  const leases = [lease('01', '192.168.105.20')];

  assert.deepEqual(staleLeases(leases, [sampleVm({ ip: '192.168.105.30' })], nothingRemoved), leases);
  assert.deepEqual(staleLeases(leases, [sampleVm({ ip: '192.168.105.20' })], nothingRemoved), []);
});

test('a VM without a reserved address keeps any lease', () => {
  assert.deepEqual(staleLeases([lease('01', '192.168.105.101')], [sampleVm()], nothingRemoved), []);
});

test('an address reserved for one VM is taken from any other holder, also from one that is not defined', () => {
  const leases = [lease('09', '192.168.105.20')];

  assert.deepEqual(staleLeases(leases, [sampleVm({ ip: '192.168.105.20' })], nothingRemoved), leases);
});

test('two VMs that swap addresses both lose their leases', () => {
  const leases = [lease('01', '192.168.105.20'), lease('02', '192.168.105.21')];
  const swapped = [
    sampleVm({ ip: '192.168.105.21' }),
    sampleVm({ name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.20' }),
  ];

  assert.deepEqual(staleLeases(leases, swapped, nothingRemoved), leases);
});
