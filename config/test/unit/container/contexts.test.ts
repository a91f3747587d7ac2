import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dnsmasqContext, rangeFaults } from '../../../container/decide/contexts.ts';

const place = { interface: 'eth1', address: '192.168.105.1', prefixLength: 24 };
const environment = {
  provisionerIp: '192.168.105.1',
  dhcpRangeStart: '192.168.105.100',
  dhcpRangeEnd: '192.168.105.200',
  vmsWatch: 'auto' as const,
};

test("a range inside the interface's network has no fault", () => {
  assert.deepEqual(rangeFaults(environment, place), []);
});

test("each end outside the interface's network is a fault", () => {
  const faults = rangeFaults({ ...environment, dhcpRangeEnd: '192.168.106.9' }, place);

  assert.deepEqual(faults, [
    {
      file: 'environment',
      path: '/DHCP_RANGE_END',
      value: '"192.168.106.9"',
      problem: 'does not lie in the network of interface eth1',
      fix: 'expected an address of one machine in 192.168.105.1/24',
    },
  ]);
});

test('the address of the network and that of everybody in it are no ends of a range', () => {
  const problems = (start: string, end: string, prefixLength: number) =>
    rangeFaults({ ...environment, dhcpRangeStart: start, dhcpRangeEnd: end }, { ...place, prefixLength }).map(
      ({ path, value, problem }) => `${path} ${value} ${problem}`,
    );

  assert.deepEqual(problems('192.168.105.0', '192.168.105.255', 24), [
    '/DHCP_RANGE_START "192.168.105.0" is the address of the network itself',
    '/DHCP_RANGE_END "192.168.105.255" is the network\'s broadcast address',
  ]);
  assert.deepEqual(problems('192.168.105.1', '192.168.105.254', 24), []);
  assert.deepEqual(problems('192.168.104.1', '192.168.105.0', 23), []);
  assert.deepEqual(problems('192.168.105.0', '192.168.105.1', 31), []);
});

test("dnsmasq's netmask is the interface's", () => {
  assert.equal(dnsmasqContext(environment, { ...place, prefixLength: 20 }).netmask, '255.255.240.0');
});

test('without variables there is no IPv6 range, with them there is', () => {
  const rangeV6 = { start: '::64', end: '::c8' };

  assert.equal(dnsmasqContext(environment, place).rangeV6, null);
  assert.deepEqual(dnsmasqContext({ ...environment, dhcpRangeV6: rangeV6 }, place).rangeV6, {
    defined: { start: '::64', end: '::af' },
    everybody: { start: '::b0', end: '::c8' },
  });
});
