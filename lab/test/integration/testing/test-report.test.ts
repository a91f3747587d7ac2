import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { execa } from 'execa';

import type { FileResult } from '../../../testing/report/decide/outcomes.ts';

const reporter = join(import.meta.dirname, '../../../testing/report/outcome-reporter.ts');
const keepTestEvents = join(import.meta.dirname, '../../../testing/keep-test-events.mjs');
const files = {
  'a.test.ts': `import { describe, test } from 'node:test';
    describe('suite', () => {
      test('one', () => {});
      test('two', () => { throw new Error('no'); });
    });
    describe('the image', { skip: 'needs Docker' }, () => { test('three', () => {}); });
    setInterval(() => {}, 1000);`,
  'b.test.ts': `throw new Error('REQUIRE_ALL');`,
};

/** Runs test files as run-tests.sh does. */
async function runTests(tests: Record<string, string>): Promise<{ status: number | undefined; results: FileResult[] }> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'report-')));
  try {
    for (const [name, text] of Object.entries(tests)) writeFileSync(join(directory, name), text);
    const written = join(directory, 'results.json');
    const args = [
      ...['--import', keepTestEvents, '--test', '--test-force-exit'],
      ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${written}`],
    ];
    // As a test, this one has a parent that its own tests would report to.
    const env = { NODE_TEST_CONTEXT: undefined };
    const options = { cwd: directory, env, reject: false } as const;
    const { exitCode } = await execa(process.execPath, [...args, ...Object.keys(tests)], options);
    return { status: exitCode, results: JSON.parse(readFileSync(written, 'utf8')) as FileResult[] };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('the results of every file are written, also of one that does not end by itself or cannot be loaded', async () => {
  const { status, results } = await runTests(files);

  assert.equal(status, 1);
  assert.deepEqual(
    results.map(({ seconds, ...result }) => ({ ...result, timed: seconds > 0 })),
    [
      {
        ...{ file: 'a.test.ts', passed: 1, failed: 1, skipped: 1, failures: ['two'] },
        ...{ skips: ['the image: needs Docker'], timed: true },
      },
      { file: 'b.test.ts', passed: 0, failed: 1, skipped: 0, failures: ['b.test.ts'], skips: [], timed: true },
    ],
  );
});

test('no test is lost of files with many', async () => {
  const many = `import { test } from 'node:test';
    for (let number = 0; number < 300; number++) test('a title that fills the pipe, of test ' + number, () => {});`;
  const names = Array.from({ length: 8 }, (_, number) => `many-${number}.test.ts`);

  const { status, results } = await runTests(Object.fromEntries(names.map((name) => [name, many])));

  assert.equal(status, 0);
  assert.deepEqual(
    results.map(({ passed }) => passed),
    names.map(() => 300),
  );
});
