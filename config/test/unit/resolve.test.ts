import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedState } from '../../contract/published-state.ts';
import type { ScannedFile } from '../../definitions/resolve.ts';
import { resolve } from '../../definitions/resolve.ts';

const [early, late] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')];

function written(name: string, fields: Record<string, unknown> = {}): ScannedFile {
  const text = JSON.stringify({
    name,
    role: 'target',
    arch: 'x86_64',
    mac: `52:54:00:00:00:${name.slice(-2)}`,
    distro: 'debian-12',
    ...fields,
  });
  return { file: `${name}.json`, fingerprint: text, kind: 'read', text };
}

function broken(name: string): ScannedFile {
  return { file: `${name}.json`, fingerprint: 'broken', kind: 'read', text: '{' };
}

function summary(state: PublishedState): string[] {
  return state.entries.map(({ file, state: word, definition }) => `${file} ${word} ${definition?.mac ?? '-'}`);
}

test('valid files are in force, sorted by file', () => {
  assert.deepEqual(summary(resolve(undefined, [written('web02'), written('web01')], early)), [
    'web01.json ok 52:54:00:00:00:01',
    'web02.json ok 52:54:00:00:00:02',
  ]);
});

test('a file that breaks keeps its last good definition, one never good is rejected, no other is touched', () => {
  const before = resolve(undefined, [written('web01'), written('web02')], early);

  const after = resolve(before, [broken('web01'), written('web02'), broken('web03')], late);

  assert.deepEqual(summary(after), [
    'web01.json last-good 52:54:00:00:00:01',
    'web02.json ok 52:54:00:00:00:02',
    'web03.json rejected -',
  ]);
  assert.deepEqual(
    after.entries.map(({ since }) => since),
    [late.toISOString(), early.toISOString(), late.toISOString()],
  );
});

test('the last good definition survives any number of broken versions and a restart', () => {
  let state = resolve(undefined, [written('web01')], early);
  for (let n = 0; n < 3; n++)
    state = resolve(JSON.parse(JSON.stringify(state)) as PublishedState, [broken('web01')], late);

  assert.deepEqual(summary(state), ['web01.json last-good 52:54:00:00:00:01']);
});

test('a file that is gone is out of force', () => {
  const before = resolve(undefined, [written('web01')], early);

  assert.deepEqual(resolve(before, [], late).entries, []);
});

test('the holder of an address keeps it against a newcomer that sorts before it', () => {
  const before = resolve(undefined, [written('web02', { ip: '10.0.0.2' })], early);

  const after = resolve(before, [written('web01', { ip: '10.0.0.2' }), written('web02', { ip: '10.0.0.2' })], late);

  assert.deepEqual(summary(after), ['web01.json rejected -', 'web02.json ok 52:54:00:00:00:02']);
  assert.deepEqual(after.entries[0]?.faults, [
    {
      file: 'web01.json',
      path: '/ip',
      value: '"10.0.0.2"',
      problem: 'is already held by web02.json',
      fix: 'change "ip" in web01.json or in web02.json',
    },
  ]);
});

test('the loser of a conflict comes into force when the holder gives way', () => {
  const [loser, holder] = [written('web02', { ip: '10.0.0.1' }), written('web01', { ip: '10.0.0.1' })];
  const conflict = resolve(undefined, [holder, loser], early);
  assert.deepEqual(summary(conflict), ['web01.json ok 52:54:00:00:00:01', 'web02.json rejected -']);

  assert.deepEqual(summary(resolve(conflict, [loser], late)), ['web02.json ok 52:54:00:00:00:02']);
});

test('two VMs may swap their addresses', () => {
  const before = resolve(
    undefined,
    [written('web01', { ip: '10.0.0.1' }), written('web02', { ip: '10.0.0.2' })],
    early,
  );

  const after = resolve(before, [written('web01', { ip: '10.0.0.2' }), written('web02', { ip: '10.0.0.1' })], late);

  assert.deepEqual(
    after.entries.map(({ state, definition }) => `${state} ${definition?.ip ?? '-'}`),
    ['ok 10.0.0.2', 'ok 10.0.0.1'],
  );
});

test('a file that cannot be read says what to do about it, if that is known', () => {
  const scan = (more: { fix?: string }) =>
    resolve(
      undefined,
      [{ file: 'a.json', fingerprint: '', kind: 'unreadable', problem: 'cannot be read', ...more }],
      new Date(),
    );

  assert.equal(scan({ fix: 'let everybody read it' }).entries[0]?.faults[0]?.fix, 'let everybody read it');
  assert.match(scan({}).entries[0]?.faults[0]?.fix ?? '', /^put one regular file/);
});
