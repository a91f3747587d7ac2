import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseEnvironment } from '../../contract/environment.ts';
import { describeFault } from '../../kit/fault.ts';

const pvmlab = {
  PROVISIONER_IP: '192.168.105.1',
  DHCP_RANGE_START: '192.168.105.100',
  DHCP_RANGE_END: '192.168.105.199',
};

function faultsWith(changes: Record<string, string | undefined>): string[] {
  const parsed = parseEnvironment({ ...pvmlab, ...changes });
  return parsed.ok ? [] : parsed.faults.map(describeFault);
}

test("pvmlab's three variables are enough; others are ignored, empty ones count as unset", () => {
  assert.deepEqual(parseEnvironment({ ...pvmlab, HOME: '/root', PXE_INTERFACE: '' }), {
    ok: true,
    value: {
      provisionerIp: '192.168.105.1',
      dhcpRangeStart: '192.168.105.100',
      dhcpRangeEnd: '192.168.105.199',
      vmsWatch: 'auto',
    },
  });
});

test('both ends of the IPv6 range and the interface are taken', () => {
  const parsed = parseEnvironment({
    ...pvmlab,
    DHCP_RANGE_V6_START: '::64',
    DHCP_RANGE_V6_END: '::c8',
    PXE_INTERFACE: 'eth1',
  });

  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.dhcpRangeV6, { start: '::64', end: '::c8' });
  assert.equal(parsed.value.pxeInterface, 'eth1');
});

const wrong: [string, Record<string, string | undefined>, string][] = [
  [
    'a missing address',
    { PROVISIONER_IP: undefined },
    'environment /PROVISIONER_IP: is missing; add "PROVISIONER_IP", an IPv4 address such as 192.168.105.1',
  ],
  [
    'a malformed address',
    { PROVISIONER_IP: '192.168.105.300' },
    'environment /PROVISIONER_IP "192.168.105.300": is not valid; expected an IPv4 address such as 192.168.105.1',
  ],
  [
    'a range that ends before it begins',
    { DHCP_RANGE_END: '192.168.105.50' },
    'environment /DHCP_RANGE_END "192.168.105.50": lies before DHCP_RANGE_START "192.168.105.100"; swap the two',
  ],
  [
    'half an IPv6 range',
    { DHCP_RANGE_V6_START: '::64' },
    'environment /DHCP_RANGE_V6_END: is missing; add "DHCP_RANGE_V6_END", the last 64 bits of an IPv6 address such as ::c8',
  ],
  [
    'an IPv6 address in place of a suffix',
    { DHCP_RANGE_V6_START: 'fd00:105::64', DHCP_RANGE_V6_END: '::c8' },
    'environment /DHCP_RANGE_V6_START "fd00:105::64": is not valid; expected the last 64 bits of an IPv6 address such as ::64',
  ],
  [
    'an IPv6 range that ends before it begins',
    { DHCP_RANGE_V6_START: '::1:2', DHCP_RANGE_V6_END: '::fffe' },
    'environment /DHCP_RANGE_V6_END "::fffe": lies before DHCP_RANGE_V6_START "::1:2"; swap the two',
  ],
  [
    'an interface name with a slash',
    { PXE_INTERFACE: 'eth/1' },
    'environment /PXE_INTERFACE "eth/1": is not valid; expected an interface name of at most 15 characters such as eth1',
  ],
];
for (const [what, changes, expected] of wrong) {
  test(`${what} is named with its value and the fix`, () => {
    assert.deepEqual(faultsWith(changes), [expected]);
  });
}

test('ADMIN_FROM takes networks and addresses, with commas or spaces between them', () => {
  const parsed = parseEnvironment({ ...pvmlab, ADMIN_FROM: '10.0.0.0/8, 172.16.5.9  192.168.7.0/24,' });

  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.adminFrom, [
    { address: '10.0.0.0', prefixLength: 8 },
    { address: '172.16.5.9', prefixLength: 32 },
    { address: '192.168.7.0', prefixLength: 24 },
  ]);
});

for (const given of [
  '10.0.0.0/33',
  'lan',
  '10.0.0.0/8;10.1.0.0/16',
  'fd00::/64',
  '10.0.0.1-10.0.0.9',
  '10.0.0.0/8/8',
]) {
  test(`ADMIN_FROM "${given}" is refused`, () => {
    assert.deepEqual(faultsWith({ ADMIN_FROM: given }), [
      `environment /ADMIN_FROM "${given}": is not valid; expected IPv4 networks and addresses, with commas between them, such as 172.16.5.0/24,172.16.9.9`,
    ]);
  });
}
