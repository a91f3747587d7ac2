import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseIpv4Networks } from '@pxeboot/config/kit/ip';

import type { AddressFacts } from '../../src/access/decide/whose-address.ts';
import { describeStranger, isAddressOf, isAdmins } from '../../src/access/decide/whose-address.ts';

const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };
const other = '52:54:00:aa:bb:02';
const nothing: AddressFacts = { leases: [], neighbours: [], own: ['127.0.0.1', '192.168.105.1'] };

function lease(ip: string, mac: string): AddressFacts['leases'][number] {
  return { family: 4, mac, ip, hostname: '*', clientId: undefined };
}

const cases: [string, string, Partial<AddressFacts>, boolean][] = [
  ["its definition's ip", '192.168.105.20', {}, true],
  ['an address that nothing is known of', '192.168.105.120', {}, false],
  ['one that is leased to it', '192.168.105.120', { leases: [lease('192.168.105.120', web1.mac)] }, true],
  ['one that is leased to another', '192.168.105.120', { leases: [lease('192.168.105.120', other)] }, false],
  [
    'one that answers with its MAC',
    '192.168.105.9',
    { neighbours: [{ ip: '192.168.105.9', mac: web1.mac, interface: 'pxe0' }] },
    true,
  ],
  [
    'one that answers with another MAC',
    '192.168.105.9',
    { neighbours: [{ ip: '192.168.105.9', mac: other, interface: 'pxe0' }] },
    false,
  ],
  [
    "its definition's ip, which another machine has a lease of and answers from",
    '192.168.105.20',
    {
      leases: [lease('192.168.105.20', other)],
      neighbours: [{ ip: '192.168.105.20', mac: other, interface: 'pxe0' }],
    },
    false,
  ],
  [
    "its definition's ip, of which another machine had a lease",
    '192.168.105.20',
    { leases: [lease('192.168.105.20', other)] },
    true,
  ],
  [
    'another address than the one that is leased to it',
    '192.168.105.121',
    { leases: [lease('192.168.105.120', web1.mac)] },
    false,
  ],
  ["this machine's own", '192.168.105.1', {}, false],
  ['none at all', '', {}, false],
];

describe('whose address it is', () => {
  for (const [what, address, facts, expected] of cases) {
    test(`${what} is ${expected ? 'the' : 'not the'} VM's`, () => {
      assert.equal(isAddressOf(web1, address, { ...nothing, ...facts }), expected);
    });
  }

  test('a VM without an ip is known by lease and neighbour alone', () => {
    const anywhere = { name: web1.name, mac: web1.mac };
    assert.equal(isAddressOf(anywhere, '192.168.105.20', nothing), false);
    assert.equal(isAddressOf(anywhere, '', nothing), false);
  });

  test("admins are this machine's addresses and the networks of ADMIN_FROM", () => {
    const adminFrom = [
      { address: '10.0.0.0', prefixLength: 8 },
      { address: '172.16.5.9', prefixLength: 32 },
    ];
    const given = ['192.168.105.1', '127.0.0.1', '10.200.3.4', '172.16.5.9'];
    const refused = ['192.168.105.20', '172.16.5.8', '11.0.0.1', ''];
    for (const address of given) assert.equal(isAdmins(address, nothing, adminFrom), true, address);
    for (const address of refused) assert.equal(isAdmins(address, nothing, adminFrom), false, address);
  });

  test('a network of ADMIN_FROM that is wider than the private network makes no guest an admin', () => {
    const facts = { ...nothing, privateNetwork: { address: '192.168.105.1', prefixLength: 24 } };
    const from = (cidr: string): boolean => isAdmins('192.168.105.20', facts, parseIpv4Networks(cidr) ?? []);

    assert.equal(from('192.168.0.0/16'), false);
    assert.equal(from('0.0.0.0/0'), false);
    assert.equal(from('192.168.105.16/28'), true);
    assert.equal(from('192.168.105.0/24'), true);
    assert.equal(isAdmins('192.168.7.7', facts, parseIpv4Networks('192.168.0.0/16') ?? []), true);
  });

  test('a refusal says what was seen, and the setting', () => {
    const facts = {
      ...nothing,
      leases: [lease('192.168.105.120', other)],
      neighbours: [{ ip: '192.168.105.121', mac: other, interface: 'pxe0' }],
    };
    const [leased, seen, unknown] = ['192.168.105.120', '192.168.105.121', '192.168.105.122'].map((address) =>
      describeStranger(web1, address, facts),
    );
    assert.match(leased ?? '', /from 192\.168\.105\.120 \(a lease of MAC 52:54:00:aa:bb:02, no machine seen/);
    assert.match(seen ?? '', /\(no lease, MAC 52:54:00:aa:bb:02 on the private network\)/);
    assert.match(unknown ?? '', /\(no lease, no machine seen .*"web1" \(MAC 52:54:00:aa:bb:01\).* ADMIN_FROM$/);
  });
});
