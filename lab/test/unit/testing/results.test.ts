import assert from 'node:assert/strict';
import { test } from 'node:test';

import { emptyResult } from '../../../testing/report/decide/outcomes.ts';
import type { Row } from '../../../testing/report/decide/results.ts';
import { mergeRows, rowsOf } from '../../../testing/report/decide/results.ts';
import { sampleRun } from './sample-run.ts';

const run = sampleRun('2026-01-02T03:04:05.000Z');
const passed = { ...emptyResult('lab/test/a.test.ts'), passed: 3, seconds: 1 };
const failed = { ...emptyResult('lab/test/b.test.ts'), failed: 1, failures: ['it'] };

test('a suite without test files has one row, which passed or failed as a whole', () => {
  const build = { suite: 'image-all', seconds: 9, files: undefined };

  assert.deepEqual(rowsOf({ ...build, status: 0 }, run, 'make-all.sh'), [
    { ...emptyResult('make-all.sh'), passed: 1, seconds: 9, run },
  ]);
  assert.deepEqual(rowsOf({ ...build, status: 2 }, run, 'make-all.sh'), [
    { ...emptyResult('make-all.sh'), failed: 1, seconds: 9, failures: ['image-all ended with status 2'], run },
  ]);
});

test('a suite has the rows of its files', () => {
  const suite = { suite: 'unit', status: 1, seconds: 9, files: [passed, failed] };

  assert.deepEqual(rowsOf(suite, run, 'the run itself'), [
    { ...passed, run },
    { ...failed, run },
  ]);
});

test('a suite that failed though no test did has a row that says so', () => {
  const rows = rowsOf({ suite: 'unit', status: 137, seconds: 9, files: [passed] }, run, 'the run itself');

  assert.deepEqual(
    rows.map(({ file, failures }) => [file, failures]),
    [
      ['lab/test/a.test.ts', []],
      ['the run itself', ['unit ended with status 137']],
    ],
  );
});

test('new rows replace those of the same file; others stay while their file is there', () => {
  const later = sampleRun('2026-01-03T03:04:05.000Z');
  const row = (file: string, of: typeof run): Row => ({ ...emptyResult(file), run: of });
  const earlier = ['c', 'b', 'gone', 'the run itself'].map((file) => row(file, run));

  const rows = mergeRows(earlier, [row('b', later), row('a', later)], ['a', 'b', 'c', 'd']);

  assert.deepEqual(rows, [row('a', later), row('b', later), row('c', run)]);
});
