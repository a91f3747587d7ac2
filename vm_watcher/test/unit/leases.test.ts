import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleVm } from '@pxeboot/config/test/support/sample-vm';

import type { TimedLease } from '@pxeboot/config/contract/lease-file';
import { parseLeases } from '@pxeboot/config/contract/lease-file';
import type { LateChanges } from '../../src/decide/stale-leases.ts';
import { readdressedVms, staleLeases } from '../../src/decide/stale-leases.ts';

const leaseFile = `1795489200 52:54:00:AA:BB:01 192.168.105.20 web1 01:52:54:00:aa:bb:01
1795489201 52:54:00:aa:bb:02 192.168.105.101 * *
duid 00:01:00:01:2e:5b:6c:7d:52:54:00:00:00:01
1795489202 11189196 fd00:105::20 web1 00:01:00:01:2e:5b:6c:7d:52:54:00:aa:bb:01
1795489202 T11189197 fd00:105::2f web1 00:01:00:01:2e:5b:6c:7d:52:54:00:aa:bb:01
1795489203 52:54:00:aa:bb:03 192.168.1`;

test('leases of both families are read; a temporary address and a line cut short are passed over', () => {
  assert.deepEqual(parseLeases(leaseFile), [
    {
      family: 4,
      mac: '52:54:00:aa:bb:01',
      ip: '192.168.105.20',
      hostname: 'web1',
      clientId: '01:52:54:00:aa:bb:01',
      expiresAt: 1795489200,
    },
    {
      family: 4,
      mac: '52:54:00:aa:bb:02',
      ip: '192.168.105.101',
      hostname: '*',
      clientId: undefined,
      expiresAt: 1795489201,
    },
    {
      family: 6,
      mac: '52:54:00:aa:bb:01',
      ip: 'fd00:105::20',
      hostname: 'web1',
      iaid: '11189196',
      duid: '00:01:00:01:2e:5b:6c:7d:52:54:00:aa:bb:01',
      serverDuid: '00:01:00:01:2e:5b:6c:7d:52:54:00:00:00:01',
      expiresAt: 1795489202,
    },
  ]);
  assert.deepEqual(parseLeases(''), []);
});

const expiresAt = 1_795_489_200;

function lease(lastPair: string, ip: string): TimedLease {
  return { family: 4, mac: `52:54:00:aa:bb:${lastPair}`, ip, hostname: '*', clientId: undefined, expiresAt };
}

/** After the leases of these tests were given. */
const later = expiresAt - 3600 + 1;
/** Both VMs of these tests have another address than before. */
const readdressed: LateChanges = {
  former: [],
  readdressed: new Map([
    ['52:54:00:aa:bb:01', later],
    ['52:54:00:aa:bb:02', later],
  ]),
};

/** One VM is no longer in force. */
function without(mac: string, name: string): LateChanges {
  return { former: [{ mac, name }], readdressed: new Map() };
}

test('the lease of a VM that is no longer defined is stale, that of a guest never defined is not', () => {
  const leases = [lease('01', '192.168.105.20'), lease('09', '192.168.105.109')];

  assert.deepEqual(staleLeases(leases, [], without('52:54:00:aa:bb:01', 'web1')), [leases[0]]);
});

test('a lease that differs from the reserved address is stale, an equal one is not', () => {
  const leases = [lease('01', '192.168.105.20')];

  assert.deepEqual(staleLeases(leases, [sampleVm({ ip: '192.168.105.30' })], readdressed), leases);
  assert.deepEqual(staleLeases(leases, [sampleVm({ ip: '192.168.105.20' })], readdressed), []);
});

test('a lease that was given since the address was reserved is not stale: the reserved one was declined', () => {
  const leases = [lease('01', '192.168.105.150')];
  const reserved = [sampleVm({ ip: '192.168.105.20' })];
  const changedAt = (at: number): LateChanges => ({ former: [], readdressed: new Map([[reserved[0]?.mac ?? '', at]]) });

  assert.deepEqual(staleLeases(leases, reserved, changedAt(later)), leases, 'older');
  assert.deepEqual(staleLeases(leases, reserved, changedAt(later - 1)), [], 'given since');
  assert.deepEqual(staleLeases(leases, reserved, { former: [], readdressed: new Map() }), [], 'nothing has changed');
});

test('a lease given since is still stale when its address is reserved for another VM', () => {
  const leases = [lease('01', '192.168.105.21')];
  const reserved = [
    sampleVm({ ip: '192.168.105.20' }),
    sampleVm({ name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.21' }),
  ];

  assert.deepEqual(staleLeases(leases, reserved, { former: [], readdressed: new Map() }), leases);
});

test('the VMs that have another reserved address than before are those that changed it, and new ones', () => {
  const [same, moved] = [sampleVm({ ip: '10.0.0.1' }), sampleVm({ name: 'web2', mac: '52:54:00:aa:bb:02' })];
  const [withIpv6, added] = [{ ...moved, ipv6: 'fd00::2' }, sampleVm({ name: 'web3', mac: '52:54:00:aa:bb:03' })];

  assert.deepEqual(readdressedVms([same, moved], [{ ...same, distro: 'fedora-40' }, moved]), []);
  assert.deepEqual(readdressedVms([same, moved], [same, withIpv6, added]), [withIpv6, added]);
  assert.deepEqual(readdressedVms([same], [{ ...same, ip: '10.0.0.2' }]).length, 1);
});

test('a VM without a reserved address keeps any lease', () => {
  assert.deepEqual(staleLeases([lease('01', '192.168.105.101')], [sampleVm()], readdressed), []);
});

test('an address reserved for one VM is taken from any other holder, also from one that is not defined', () => {
  const leases = [lease('09', '192.168.105.20')];

  assert.deepEqual(staleLeases(leases, [sampleVm({ ip: '192.168.105.20' })], readdressed), leases);
});

test('two VMs that swap addresses both lose their leases', () => {
  const leases = [lease('01', '192.168.105.20'), lease('02', '192.168.105.21')];
  const swapped = [
    sampleVm({ ip: '192.168.105.21' }),
    sampleVm({ name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.20' }),
  ];

  assert.deepEqual(staleLeases(leases, swapped, readdressed), leases);
});

const uuidDuid = '00:04:9f:5a:0c:35:57:2b:4e:0c:8f:6b:1e:42:aa:bb:cc:dd';

function lease6(duid: string, ip: string, hostname = '*'): TimedLease {
  const [lease] = parseLeases(`duid 00:01\n1795489200 7 ${ip} ${hostname} ${duid}`);
  assert.ok(lease?.family === 6);
  return lease;
}

test('the MAC of an IPv6 lease comes from a DUID-LL or DUID-LLT, and from no other', () => {
  const macs = ['00:03:00:01:52:54:00:aa:bb:01', '00:01:00:01:2e:5b:6c:7d:52:54:00:AA:BB:01', uuidDuid].map(
    (duid) => lease6(duid, 'fd00::1').mac,
  );

  assert.deepEqual(macs, ['52:54:00:aa:bb:01', '52:54:00:aa:bb:01', undefined]);
});

test('an IPv6 lease is judged by the same rules as an IPv4 lease', () => {
  const lease = lease6('00:03:00:01:52:54:00:aa:bb:01', 'fd00::20');
  const other = sampleVm({ name: 'web2', mac: '52:54:00:aa:bb:02', ipv6: 'fd00::20' });

  assert.deepEqual(staleLeases([lease], [sampleVm({ ipv6: 'fd00::20' })], readdressed), []);
  assert.deepEqual(staleLeases([lease], [sampleVm()], readdressed), [], 'nothing reserved');
  assert.deepEqual(staleLeases([lease], [], readdressed), [], 'never defined');
  assert.deepEqual(staleLeases([lease], [sampleVm({ ipv6: 'fd00::30' })], readdressed), [lease]);
  assert.deepEqual(staleLeases([lease], [sampleVm(), other], readdressed), [lease]);
  assert.deepEqual(staleLeases([lease], [], without('52:54:00:aa:bb:01', 'web1')), [lease]);
});

test('a second IPv6 address of a VM with a reserved one goes, whenever it was given', () => {
  const second = lease6('00:03:00:01:52:54:00:aa:bb:01', 'fd00::a7');
  const unchanged = { former: [], readdressed: new Map() };

  assert.deepEqual(staleLeases([second], [sampleVm({ ipv6: 'fd00::3c' })], unchanged), [second]);
  assert.deepEqual(staleLeases([second], [sampleVm()], unchanged), []);
});

test('an IPv6 client whose DUID holds no MAC is known by the name that dnsmasq gave it', () => {
  const lease = lease6(uuidDuid, 'fd00::20', 'web1');

  assert.deepEqual(staleLeases([lease], [sampleVm({ ipv6: 'fd00::20' })], readdressed), []);
  assert.deepEqual(staleLeases([lease], [sampleVm({ ipv6: 'fd00::30' })], readdressed), [lease]);
  const replaced = sampleVm({ mac: '52:54:00:aa:bb:11', ipv6: 'fd00::20' });
  assert.deepEqual(staleLeases([lease], [replaced], without('52:54:00:aa:bb:01', 'web1')), [lease]);
});
