import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseNeighbours } from '@pxeboot/config/contract/neighbours';
import { sampleVm } from '@pxeboot/config/test/support/sample-vm';

import type { AddressFacts, Suspicions } from '../../src/decide/address-conflicts.ts';
import {
  addressConflicts,
  afterAsking,
  certainConflicts,
  conflictNews,
  nextSuspicions,
} from '../../src/decide/address-conflicts.ts';

const [mac1, mac2, other] = ['52:54:00:aa:bb:01', '52:54:00:aa:bb:02', '02:00:00:00:00:99'];
const web1 = sampleVm({ name: 'web1', mac: mac1, ip: '10.0.0.11' });
const web2 = sampleVm({ name: 'web2', mac: mac2 });
const lease = { family: 4, hostname: '*', clientId: undefined } as const;

/** A lab where these addresses have answered with these MACs. */
function facts(neighbours: Record<string, string>, more: Partial<AddressFacts> = {}): AddressFacts {
  return {
    neighbours: Object.entries(neighbours).map(([ip, mac]) => ({ ip, mac, interface: 'pxe0' })),
    definitions: [web1, web2],
    leases: [
      { ...lease, mac: mac2, ip: '10.0.0.102' },
      { ...lease, mac: '02:00:00:00:00:03', ip: '10.0.0.103' },
    ],
    ownMacs: new Set(['02:00:00:00:00:01']),
    ...more,
  };
}

const owner1 = { mac: mac1, vm: 'web1', by: 'definition' } as const;
const conflict = { ip: '10.0.0.11', mac: other, owner: owner1 };

const tables: [what: string, facts: AddressFacts, found: unknown[]][] = [
  ['nobody has answered', facts({}), []],
  [
    'each answers with its own MAC',
    facts({ '10.0.0.11': mac1, '10.0.0.102': mac2, '10.0.0.103': '02:00:00:00:00:03' }),
    [],
  ],
  ["a machine has an address that is nobody else's", facts({ '10.0.0.77': other }), []],
  ['a reserved address answers with another MAC', facts({ '10.0.0.11': other }), [conflict]],
  ['with the MAC of another VM', facts({ '10.0.0.11': mac2 }), [{ ...conflict, mac: mac2, vm: 'web2' }]],
  [
    'a leased address of a VM does',
    facts({ '10.0.0.102': other }),
    [{ ip: '10.0.0.102', mac: other, owner: { mac: mac2, vm: 'web2', by: 'lease' } }],
  ],
  [
    'a leased address of a machine without a definition does',
    facts({ '10.0.0.103': other }),
    [{ ip: '10.0.0.103', mac: other, owner: { mac: '02:00:00:00:00:03', by: 'lease' } }],
  ],
  ['this machine itself answers for it', facts({ '10.0.0.11': '02:00:00:00:00:01' }), []],
  [
    'a lease that is about to be released holds a reserved address',
    facts({ '10.0.0.11': other }, { leases: [{ ...lease, mac: other, ip: '10.0.0.11' }] }),
    [conflict],
  ],
  [
    'one MAC answers for two machines, as of one with both addresses',
    facts({ '10.0.0.11': other, '10.0.0.102': other }),
    [conflict, { ip: '10.0.0.102', mac: other, owner: { mac: mac2, vm: 'web2', by: 'lease' } }],
  ],
  [
    'one MAC answers for many, as a router with proxy ARP and a host that bridges over Wi-Fi',
    facts({ '10.0.0.11': other, '10.0.0.102': other, '10.0.0.103': other }),
    [],
  ],
  [
    'a VM that moved to another MAC answers with the old one',
    facts({ '10.0.0.11': '52:54:00:aa:bb:ff' }, { definitions: [{ ...web1, mac: mac2 }] }),
    [{ ip: '10.0.0.11', mac: '52:54:00:aa:bb:ff', owner: { mac: mac2, vm: 'web1', by: 'definition' } }],
  ],
];

for (const [what, given, found] of tables) {
  test(`the table of neighbours when ${what}`, () => {
    assert.deepEqual(addressConflicts(given), found);
  });
}

test("what Linux prints of an entry that nobody answers any more is no neighbour's", () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.11        0x1         0x0         ${other}     *        pxe0
`;
  assert.deepEqual(addressConflicts(facts({}, { neighbours: parseNeighbours(table) })), []);
});

const times = { confirmAfterMs: 70_000, endAfterMs: 45_000 };

/** Looks at the table every 15 seconds. @returns the certain conflicts after each */
function looks(...tables: AddressFacts[]): string[][] {
  let suspicions: Suspicions = new Map();
  return tables.map((table, index) => {
    suspicions = nextSuspicions(suspicions, table, index * 15_000, times);
    return certainConflicts(suspicions).map(({ ip, mac }) => `${ip} ${mac}`);
  });
}

const [wrong, right, none] = [facts({ '10.0.0.11': other }), facts({ '10.0.0.11': mac1 }), facts({})];
const said = `10.0.0.11 ${other}`;

test('an entry is a conflict once it has stood for longer than the kernel believes without an answer', () => {
  assert.deepEqual(looks(wrong, wrong, wrong, wrong, wrong, wrong), [[], [], [], [], [], [said]]);
});

test('an entry that goes when it is asked is none, however often it comes', () => {
  assert.deepEqual(looks(wrong, wrong, wrong, wrong, none, wrong, wrong, none).flat(), []);
  assert.deepEqual(looks(wrong, wrong, wrong, wrong, right, wrong, wrong, right).flat(), []);
});

test('two machines that answer in turn are one conflict, which ends when only the right one does', () => {
  const turns = [wrong, wrong, wrong, wrong, wrong, wrong, right, wrong, right, right, right, right];
  assert.deepEqual(
    looks(...turns).map(({ length }) => length),
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0],
  );
});

test("a conflict ends at once when the address is no longer that VM's", () => {
  const moved = facts({ '10.0.0.11': other }, { definitions: [{ ...web1, ip: '10.0.0.12' }] });
  const taken = facts({ '10.0.0.11': other }, { definitions: [{ ...web1, mac: other }] });

  for (const next of [moved, taken])
    assert.deepEqual(looks(wrong, wrong, wrong, wrong, wrong, wrong, next).slice(-2), [[said], []]);
});

test('a lease that is missing for one look, as while its file is written, does not end a conflict', () => {
  const leased = facts({ '10.0.0.102': other });
  const unknown = facts({ '10.0.0.102': other }, { leases: [] });
  const [, , , , , certain, written, after] = looks(leased, leased, leased, leased, leased, leased, unknown, leased);

  assert.deepEqual(
    [certain, written, after],
    Array.from({ length: 3 }, () => [`10.0.0.102 ${other}`]),
  );
});

test('an address that cannot be asked is never certain, and one that was certain stays so', () => {
  let suspicions: Suspicions = new Map();
  for (let look = 0; look < 20; look++) {
    suspicions = nextSuspicions(suspicions, wrong, look * 15_000, times);
    suspicions = afterAsking(suspicions, new Set(), look * 15_000);
  }
  assert.deepEqual(certainConflicts(suspicions), []);

  for (let look = 20; look < 26; look++) {
    suspicions = nextSuspicions(suspicions, wrong, look * 15_000, times);
    suspicions = afterAsking(suspicions, new Set(['10.0.0.11']), look * 15_000);
  }
  assert.equal(certainConflicts(suspicions).length, 1);
  assert.equal(certainConflicts(afterAsking(suspicions, new Set(), 400_000)).length, 1);
});

test('the log says each conflict once, whose MAC it is, and when it is over', () => {
  const named = { ...conflict, mac: mac2, vm: 'web2' };
  const fields = { ip: '10.0.0.11', vm: 'web1', mac: mac1, by: 'definition', answers: mac2, which_is: 'web2' };

  assert.deepEqual(conflictNews([], [named]), [{ level: 'warn', message: 'address answers with another mac', fields }]);
  assert.deepEqual(conflictNews([named], [named]), []);
  assert.deepEqual(conflictNews([named], []), [
    { level: 'info', message: 'address no longer answers with another mac', fields },
  ]);
  assert.equal(conflictNews([named], [conflict]).length, 2, 'another machine has taken it');
});
