import { execa } from 'execa';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { FileResult } from '@pxeboot/lab/test-report/outcomes';

const reporter = join(import.meta.dirname, '../../src/test-report/reporter.ts');
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

test('the reporter writes the results of every file, also of one that does not end by itself or cannot be loaded', async () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'report-')));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const written = join(directory, 'results.json');
    // As a test, this one has a parent that its own tests would report to.
    const env = { NODE_TEST_CONTEXT: undefined };
    const args = [
      '--test',
      '--test-force-exit',
      `--test-reporter=${reporter}`,
      `--test-reporter-destination=${written}`,
    ];
    const { exitCode } = await execa(process.execPath, [...args, ...Object.keys(files)], {
      cwd: directory,
      env,
      reject: false,
    });

    const results = JSON.parse(readFileSync(written, 'utf8')) as FileResult[];
    assert.equal(exitCode, 1);
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
  } finally {
    rmSync(directory, { recursive: true });
  }
});
