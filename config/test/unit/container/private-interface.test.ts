import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findPrivateInterface, parseAddresses } from '../../../container/decide/private-interface.ts';

const output = JSON.stringify([
  {},
  { ifname: 'lo', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }] },
  {
    ifname: 'eth1',
    addr_info: [
      { family: 'inet', local: '10.0.0.2', prefixlen: 24 },
      { family: 'inet', local: '192.168.105.1', prefixlen: 24 },
    ],
  },
  { ifname: 'br0', addr_info: [{ family: 'inet', local: '192.168.105.1', prefixlen: 16 }] },
]);

test("every address of ip's list is read, with its interface", () => {
  assert.deepEqual(parseAddresses(output), [
    { interface: 'lo', address: '127.0.0.1', prefixLength: 8 },
    { interface: 'eth1', address: '10.0.0.2', prefixLength: 24 },
    { interface: 'eth1', address: '192.168.105.1', prefixLength: 24 },
    { interface: 'br0', address: '192.168.105.1', prefixLength: 16 },
  ]);
});

test('what is not a list is an error', () => {
  assert.throws(() => parseAddresses('{}'), /ip wrote no list/);
});

test('the private interface is the one with the address', () => {
  const found = findPrivateInterface(parseAddresses(output), { provisionerIp: '192.168.105.1' });

  assert.deepEqual(found, { interface: 'eth1', address: '192.168.105.1', prefixLength: 24 });
});

test('a named interface wins over another with the same address', () => {
  const wanted = { provisionerIp: '192.168.105.1', pxeInterface: 'br0' };

  assert.equal(findPrivateInterface(parseAddresses(output), wanted)?.interface, 'br0');
});

test('a named interface without the address is none', () => {
  const wanted = { provisionerIp: '192.168.105.1', pxeInterface: 'lo' };

  assert.equal(findPrivateInterface(parseAddresses(output), wanted), undefined);
});
