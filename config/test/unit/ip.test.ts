import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inSubnet, ipv4Number, ipv6Number, isIpv6, netmaskOf, parseCidr, prefixLengthOf } from '../../kit/ip.ts';

test('networks are read in CIDR form only', () => {
  assert.deepEqual(parseCidr('192.168.105.0/24'), { address: '192.168.105.0', prefixLength: 24 });
  assert.deepEqual(parseCidr('fd00::/64'), { address: 'fd00::', prefixLength: 64 });
  for (const text of ['192.168.105.0', '192.168.105.0/33', 'fd00::/129', '10.0.0.0/8/8', '10.0.0.0/x']) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

test('an address lies in its network, and in none of another family', () => {
  const network = { address: '192.168.105.0', prefixLength: 24 };
  assert.deepEqual(
    ['192.168.105.255', '192.168.106.1', 'fd00::1'].map((address) => inSubnet(address, network)),
    [true, false, false],
  );
});

test('masks and prefix lengths are each other; a mask with holes is none', () => {
  for (const length of [0, 1, 8, 24, 31, 32]) assert.equal(prefixLengthOf(netmaskOf(length)), length);
  assert.equal(netmaskOf(22), '255.255.252.0');
  assert.equal(prefixLengthOf('255.0.255.0'), undefined);
});

test('addresses are ordered as numbers', () => {
  assert.ok(ipv4Number('10.0.0.200') > ipv4Number('10.0.0.99'));
  assert.equal(ipv4Number('255.255.255.255'), 2 ** 32 - 1);
});

test('an IPv6 address with a zone is none that can be published', () => {
  assert.deepEqual(['fe80::1', 'fe80::1%eth0'].map(isIpv6), [true, false]);
});

test('IPv6 addresses are ordered as numbers, however they are spelled', () => {
  assert.deepEqual(['::', '::C8', '::1:2', '1:2:3:4:5:6:7:8', 'fd00::', '::10.0.0.1'].map(ipv6Number), [
    0n,
    0xc8n,
    0x1_0002n,
    0x1_0002_0003_0004_0005_0006_0007_0008n,
    0xfd00n << 112n,
    0x0a00_0001n,
  ]);
});
