import assert from 'node:assert/strict';
import { test } from 'node:test';

import { emptyResult } from '../../../testing/report/decide/outcomes.ts';
import { writeReport } from '../../../testing/report/decide/report.ts';
import { sampleRun } from './sample-run.ts';

const first = sampleRun('2026-01-02T03:04:05.000Z');
const second = sampleRun('2026-01-03T13:14:15.000Z', { commit: 'ba9876543210', changed: true });

test('the page names runs, totals, what failed, what was left out, and each file with its run', () => {
  const a = {
    ...emptyResult('lab/test/e2e/a.test.ts'),
    passed: 3,
    skipped: 1,
    seconds: 61.25,
    skips: ['dbus: no root'],
  };
  const b = { ...emptyResult('lab/test/e2e/b.test.ts'), passed: 1, failed: 1, seconds: 2, failures: ['it boots'] };
  const page = writeReport([
    {
      name: 'static',
      files: ['types and lint'],
      rows: [{ ...emptyResult('types and lint'), passed: 1, seconds: 8, run: second }],
    },
    {
      name: 'e2e',
      files: [a.file, b.file, 'lab/test/e2e/c.test.ts'],
      rows: [
        { ...a, run: second },
        { ...b, run: first },
      ],
    },
  ]);

  const machine = '2 CPUs x86_64, TCG, Debian 12.11, QEMU 7.2.22, Node 24.21.0';
  assert.equal(
    page,
    `# Test report

Written by \`make test-all\`, not by hand. That may be done in parts: each row says which run it comes from. Seconds are the
tests’ own, without the start of each file’s process.

| run | started (UTC) | commit | machine |
| --- | --- | --- | --- |
| 1 | 2026-01-02 03:04 | \`0123456789ab\` | ${machine} |
| 2 | 2026-01-03 13:14 | \`ba9876543210\` with changes that are not committed | ${machine} |

| suite | files | tests | passed | failed | skipped | files not run | seconds |
| --- | --- | --- | --- | --- | --- | --- | --- |
| static | 1 | 1 | 1 | 0 | 0 | 0 | 8.0 |
| e2e | 3 | 6 | 4 | 1 | 1 | 1 | 63.3 |

Failed:

- \`lab/test/e2e/b.test.ts\`: it boots

Skipped:

- \`lab/test/e2e/a.test.ts\`: dbus: no root

## Files

| suite | file | tests | passed | failed | skipped | seconds | run |
| --- | --- | --- | --- | --- | --- | --- | --- |
| static | types and lint | 1 | 1 | 0 | 0 | 8.0 | 2 |
| e2e | lab/test/e2e/a.test.ts | 4 | 3 | 0 | 1 | 61.3 | 2 |
| e2e | lab/test/e2e/b.test.ts | 2 | 1 | 1 | 0 | 2.0 | 1 |
| e2e | lab/test/e2e/c.test.ts | not run |  |  |  |  |  |
`,
  );
});

test('a page without failures and without gaps says so', () => {
  const rows = [{ ...emptyResult('a.test.ts'), passed: 1, run: first }];

  const page = writeReport([{ name: 'unit', files: ['a.test.ts'], rows }]);

  assert.match(page, /^Failed: none\.\n\nSkipped: none\.$/m);
});
