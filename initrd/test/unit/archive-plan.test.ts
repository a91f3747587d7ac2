import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planArchive, type Claim } from '../../src/plan/archive-plan.ts';

function file(path: string, source = 'a'): Claim {
  return { entry: { kind: 'file', path, mode: 0o644, content: Buffer.alloc(0) }, source };
}

test('entries are sorted, missing parents come before their children, the marker is last', () => {
  const { entries, problems } = planArchive([file('usr/bin/tar'), file('init'), file('usr/bin-x')]);

  assert.deepEqual(
    entries.map(({ path }) => path),
    ['init', 'usr', 'usr/bin', 'usr/bin-x', 'usr/bin/tar', '.complete'],
  );
  assert.deepEqual(problems, []);
});

test('the order does not depend on the order of the claims', () => {
  const claims = [file('b/c'), file('a'), file('b/a')];

  assert.deepEqual(planArchive(claims), planArchive(claims.toReversed()));
});

test('a path claimed twice is a problem that names both sources', () => {
  assert.deepEqual(planArchive([file('a', 'packages:x'), file('a', 'initrd:y')]).problems, [
    'path "a" is claimed twice: by packages:x and by initrd:y',
  ]);
});

test('a path below a link is a problem', () => {
  const link: Claim = { entry: { kind: 'link', path: 'bin', target: 'usr/bin' }, source: 'manifest.txt' };

  assert.deepEqual(planArchive([link, file('bin/tar')]).problems, [
    'path "bin/tar" lies below "bin", which is a link (manifest.txt)',
  ]);
});

test('the marker cannot be claimed', () => {
  assert.deepEqual(planArchive([file('.complete', 'manifest.txt')]).problems, [
    'path ".complete" (manifest.txt) is reserved for the archive\'s end marker',
  ]);
});
