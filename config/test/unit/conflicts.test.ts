import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedState } from '../../contract/published-state.ts';
import { emptyState } from '../../contract/published-state.ts';
import type { VmDefinition } from '../../contract/vm-definition.ts';
import type { ScannedFile } from '../../definitions/resolve.ts';
import { resolve } from '../../definitions/resolve.ts';
import { describeFault } from '../../kit/fault.ts';
import { seededChance } from '../support/seeded.ts';

const now = new Date('2026-01-01T00:00:00Z');

function written(file: string, fields: Record<string, unknown> = {}): ScannedFile {
  const name = file.replace('.json', '');
  const vm = { name, role: 'target', arch: 'x86_64', mac: macOf(name), distro: 'debian-12', ...fields };
  const text = JSON.stringify(vm);
  return { file, fingerprint: text, kind: 'read', text };
}

/** One of its own for each name. */
function macOf(name: string): string {
  const [high = 0, low = 0] = Buffer.from(name.slice(-2));
  return `52:54:00:00:${high.toString(16)}:${low.toString(16)}`;
}

function summary(state: PublishedState): string[] {
  return state.entries.map(({ file, state: word, faults }) =>
    [file, word, ...faults.map((fault) => describeFault(fault))].join(' '),
  );
}

interface Contest {
  title: string;
  /** Two spellings of one value. */
  spellings: readonly [Record<string, unknown>, Record<string, unknown>];
  files: readonly [string, string];
  path: string;
  value: string;
}

const contests: Contest[] = [
  {
    title: 'MAC',
    spellings: [{ mac: '52:54:00:AA:BB:CC' }, { mac: '5254.00aa.bbcc' }],
    files: ['a1.json', 'b1.json'],
    path: '/mac',
    value: '"52:54:00:aa:bb:cc"',
  },
  {
    title: 'IPv4 address',
    spellings: [{ ip: '10.0.0.5' }, { ip: '10.0.0.5' }],
    files: ['a1.json', 'b1.json'],
    path: '/ip',
    value: '"10.0.0.5"',
  },
  {
    title: 'IPv6 address',
    spellings: [{ ipv6: 'fd00:105::20' }, { ipv6: 'FD00:0105:0:0::0.0.0.32' }],
    files: ['a1.json', 'b1.json'],
    path: '/ipv6',
    value: '"fd00:105::20"',
  },
  {
    title: 'name',
    spellings: [{ name: 'A1' }, { name: 'a1', mac: '52:54:00:00:00:99' }],
    files: ['A1.json', 'a1.json'],
    path: '/name',
    value: '"a1"',
  },
];

for (const { title, spellings, files, path, value } of contests) {
  const [first, second] = files;
  const one = written(first, spellings[0]);
  const other = written(second, spellings[1]);
  const lost = (loser: string, winner: string): string =>
    `${loser} rejected ${loser} ${path} ${value}: is already held by ${winner}; change "${path.slice(1)}" in ${loser} or in ${winner}`;

  test(`of two new files with one ${title} the first by name wins, and the other names both`, () => {
    assert.deepEqual(summary(resolve(undefined, [one, other], now)), [`${first} ok`, lost(second, first)]);
  });

  test(`who has a ${title} keeps it against a new file that sorts before`, () => {
    const before = resolve(undefined, [other], now);

    assert.deepEqual(summary(resolve(before, [one, other], now)), [lost(first, second), `${second} ok`]);
  });

  test(`who has a ${title} keeps it also while he changes something else`, () => {
    const before = resolve(undefined, [other], now);
    const changed = written(second, { ...spellings[1], distro: 'fedora-40', ip: '10.0.0.99' });
    const challenger = written(first, { ...spellings[0], ...(path === '/ip' ? {} : { ip: '10.0.0.98' }) });
    const kept = path === '/ip' ? written(second, { ...spellings[1], distro: 'fedora-40' }) : changed;

    assert.deepEqual(summary(resolve(before, [challenger, kept], now)), [lost(first, second), `${second} ok`]);
  });

  test(`a ${title} that is given up goes to who asked for it`, () => {
    const before = resolve(undefined, [one, other], now);

    assert.deepEqual(summary(resolve(before, [other], now)), [`${second} ok`]);
  });
}

test('who asks for what another keeps stays at his last good definition, whole, even against a newcomer to his own', () => {
  const before = resolve(
    undefined,
    [written('b1.json', { ip: '10.0.0.1' }), written('c1.json', { ip: '10.0.0.2' })],
    now,
  );

  const after = resolve(
    before,
    [
      written('a1.json', { ip: '10.0.0.1' }),
      written('b1.json', { ip: '10.0.0.2' }),
      written('c1.json', { ip: '10.0.0.2' }),
    ],
    now,
  );

  assert.deepEqual(summary(after), [
    'a1.json rejected a1.json /ip "10.0.0.1": is already held by b1.json; change "ip" in a1.json or in b1.json',
    'b1.json last-good b1.json /ip "10.0.0.2": is already held by c1.json; change "ip" in b1.json or in c1.json',
    'c1.json ok',
  ]);
  assert.equal(after.entries[1]?.definition?.ip, '10.0.0.1');
});

test('who gave way to a VM that then had to give way itself gets what he wanted', () => {
  const before = resolve(
    undefined,
    [written('a1.json', { ip: '10.0.0.1' }), written('b1.json', { ip: '10.0.0.2' }), written('c1.json')],
    now,
  );

  const after = resolve(
    before,
    [
      written('a1.json', { ip: '10.0.0.3', mac: macOf('c1') }),
      written('b1.json', { ip: '10.0.0.3' }),
      written('c1.json'),
    ],
    now,
  );

  assert.deepEqual(
    after.entries.map(({ file, state, definition }) => `${file} ${state} ${definition?.ip ?? '-'}`),
    ['a1.json last-good 10.0.0.1', 'b1.json ok 10.0.0.3', 'c1.json ok -'],
  );
});

test('three VMs may pass their addresses round', () => {
  const files = ['a1.json', 'b1.json', 'c1.json'];
  const at = (shift: number) => files.map((file, n) => written(file, { ip: `10.0.0.${((n + shift) % 3) + 1}` }));

  const after = resolve(resolve(undefined, at(0), now), at(1), now);

  assert.deepEqual(
    after.entries.map(({ state, definition }) => `${state} ${definition?.ip}`),
    ['ok 10.0.0.2', 'ok 10.0.0.3', 'ok 10.0.0.1'],
  );
});

test("the provisioner's address is no VM's, whatever came first; its own record has it", () => {
  const known: PublishedState = { ...emptyState, provisionerIp: '10.0.0.1' };
  const vm = written('a1.json', { ip: '10.0.0.1' });
  const record = written('prov.json', { ip: '10.0.0.1', role: 'provisioner' });
  const fault = `a1.json rejected a1.json /ip "10.0.0.1": is the provisioner's own address; choose another address`;

  assert.deepEqual(summary(resolve(known, [vm], now)), [fault]);
  assert.deepEqual(summary(resolve(known, [vm, record], now)), [fault, 'prov.json ok']);
  const before = { ...resolve(undefined, [vm], now), provisionerIp: '10.0.0.1' };
  assert.deepEqual(summary(resolve(before, [vm], now)), [fault], 'also when an earlier run had let it have it');
  assert.deepEqual(summary(resolve(emptyState, [vm, record], now)), [
    'a1.json rejected a1.json /ip "10.0.0.1": is already held by prov.json; change "ip" in a1.json or in prov.json',
    'prov.json ok',
  ]);
});

test("the provisioner's name is no target's, in whatever spelling; its own record has it", () => {
  const vm = written('PR.json', { name: 'Pr' });
  const record = written('pr.json', { role: 'provisioner', mac: '52:54:00:00:00:99' });

  assert.deepEqual(summary(resolve(undefined, [vm, record], now)), [
    'PR.json rejected PR.json /name "pr": is already held by pr.json; change "name" in PR.json or in pr.json',
    'pr.json ok',
  ]);
});

test('a file whose name differs from "name" is rejected, and both are named', () => {
  assert.deepEqual(summary(resolve(undefined, [written('a1.json', { name: 'b1' })], now)), [
    'a1.json rejected a1.json /name "b1": differs from the file name; rename the file to b1.json or set "name" to "a1"',
  ]);
});

test('a file that is only touched keeps its since', () => {
  const before = resolve(undefined, [written('a1.json')], now);
  const touched = { ...written('a1.json'), fingerprint: 'another' };

  const after = resolve(before, [touched], new Date('2026-02-01T00:00:00Z'));

  assert.deepEqual(after.entries[0], { ...before.entries[0], fingerprint: 'another' });
});

test('whatever people save, the definitions in force share no value and nobody loses what he had and still asks for', () => {
  const files = ['a1.json', 'b1.json', 'c1.json', 'd1.json', 'e1.json'];
  for (let seed = 1; seed <= 300; seed++) {
    const chance = seededChance(seed);
    let state: PublishedState = emptyState;
    for (let step = 0; step < 8; step++) {
      const present = files.filter(() => chance.below(5) > 0);
      const scanned = present.map((file) =>
        chance.below(8) === 0
          ? { ...written(file), text: '{' }
          : written(file, { ip: `10.0.0.${chance.below(4) + 1}`, mac: `52:54:00:00:01:0${chance.below(5)}` }),
      );

      const next = resolve(state, scanned, now);

      checkStep(state, scanned, next, `seed ${seed} step ${step}`);
      state = next;
    }
  }
});

function checkStep(before: PublishedState, scanned: readonly ScannedFile[], after: PublishedState, at: string): void {
  for (const field of ['ip', 'mac'] as const) {
    const values = after.entries.flatMap(({ definition }) => definition?.[field] ?? []);
    assert.equal(new Set(values).size, values.length, `${at}: two VMs have one ${field}`);
    for (const { file, definition } of before.entries) {
      const now = scanned.find((candidate) => candidate.file === file);
      if (definition === undefined || now?.kind !== 'read') continue;
      const asks = now.text === '{' ? definition : (JSON.parse(now.text) as VmDefinition);
      if (asks[field] !== definition[field]) continue;
      const holder = after.entries.find((entry) => entry.definition?.[field] === definition[field]);
      assert.equal(holder?.file, file, `${at}: ${file} lost its ${field}`);
    }
  }
}
