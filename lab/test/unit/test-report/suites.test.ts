import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { emptyResult } from '@pxeboot/lab/test-report/outcomes';
import { steps, suitesOfPage } from '@pxeboot/lab/test-report/suites';

import { sampleRun } from './sample-run.ts';

const script = readFileSync(join(import.meta.dirname, '../../../../config/build/run-tests.sh'), 'utf8');

test('the report knows every suite that run-tests.sh can run, and no other', () => {
  const runSuite = /^run_suite\(\) \{\n([\s\S]*?)\n\}$/m.exec(script)?.[1] ?? '';

  const suites = [...runSuite.matchAll(/^ +([a-z0-9-]+)\) /gm)].map(([, name]) => name);

  assert.ok(suites.includes('e2e'));
  assert.deepEqual(suites.sort(), Object.keys(steps).sort());
});

test('the page shows image-build only when it was run', () => {
  const suite = (name: string, ...files: string[]) => ({
    name,
    files: [`${name}.sh`],
    rows: files.map((file) => ({ ...emptyResult(file), run: sampleRun('2026-01-02T03:04:05.000Z') })),
  });
  const names = (...suites: ReturnType<typeof suite>[]): string[] => suitesOfPage(suites).map(({ name }) => name);

  assert.deepEqual(names(suite('image-build'), suite('image-all')), ['image-all']);
  assert.deepEqual(names(suite('image-build', 'a'), suite('image-all')), ['image-build', 'image-all']);
});
