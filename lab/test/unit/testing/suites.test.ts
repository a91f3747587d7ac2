import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { listSuites } from '../../../testing/report/suites.ts';

const root = join(import.meta.dirname, '../../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const parts = read('lab/testing/test-parts.txt');
const suites = listSuites(parts, (folder) => [`of ${folder}`]);

test('the report knows the suites that run-tests.sh runs without a part, in their order, and then the parts', () => {
  const standard = /^standard='(.*)'$/m.exec(read('lab/testing/run-tests.sh'))?.[1]?.split(' ') ?? [];

  assert.deepEqual(
    suites.map(({ name }) => name),
    [...standard, 'again', 'faults', 'machines', 're-enacted', 're-enacted-aarch64', 'systems'],
  );
  assert.deepEqual(suites[1], { name: 'unit', files: ['of unit'] });
  assert.deepEqual(suites[3], {
    name: 'image-all',
    step: 'config/build/make-all.sh',
    files: ['config/build/make-all.sh'],
  });
});

test('every test file of a folder "matrix" belongs to one part, and each that a part names is there', () => {
  const there = globSync('*/test/matrix/**/*.test.ts', { cwd: root, exclude: ['node_modules'] }).sort();

  const listed = suites.slice(6).flatMap(({ files }) => files);

  assert.ok(there.length > 10);
  assert.deepEqual(listed.toSorted(), there);
});

test('each line of the parts is understood', () => {
  const lines = parts.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  assert.equal(suites.slice(6).flatMap(({ files }) => files).length, lines.length);
});

test('README names each part with the minutes that it takes', () => {
  const readme = read('README.md');

  for (const { name } of suites.slice(6))
    assert.match(readme, new RegExp(`^\\| \`${name}\` \\| [^|]+ \\| \\d+ \\|$`, 'm'));
});
