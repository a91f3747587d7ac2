import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EndEvent } from '../../../testing/report/decide/outcomes.ts';
import { countOutcomes } from '../../../testing/report/decide/outcomes.ts';

interface Told {
  file?: string;
  nesting?: number;
  ms?: number;
  type?: 'suite' | 'test';
  skip?: string | boolean;
  todo?: string | boolean;
}

function event(type: 'test:pass' | 'test:fail', name: string, told: Told = {}): EndEvent {
  const { file = '/top/lab/test/a.test.ts', nesting = 0, ms = 0, type: kind = 'test', skip, todo } = told;
  const marks = { ...(skip === undefined ? {} : { skip }), ...(todo === undefined ? {} : { todo }) };
  const common = { name, file, nesting, testNumber: 1, line: 1, column: 1, ...marks };
  const error = Object.assign(new Error('wrong'), { cause: new Error('why') });
  return type === 'test:pass'
    ? { type, data: { ...common, details: { duration_ms: ms, type: kind } } }
    : { type, data: { ...common, details: { duration_ms: ms, type: kind, error } } };
}

test('tests are counted by file, a suite only by what is in it', () => {
  const counted = countOutcomes(
    [
      event('test:pass', 'one', { nesting: 1, ms: 900 }),
      event('test:fail', 'two', { nesting: 1, ms: 600 }),
      event('test:fail', 'the suite', { type: 'suite', ms: 1500 }),
      event('test:pass', 'three', { ms: 500 }),
      event('test:pass', 'elsewhere', { file: '/top/lab/test/b.test.ts', ms: 250 }),
    ],
    '/top',
  );

  assert.deepEqual(counted, [
    { file: 'lab/test/a.test.ts', passed: 2, failed: 1, skipped: 0, seconds: 2, failures: ['two'], skips: [] },
    { file: 'lab/test/b.test.ts', passed: 1, failed: 0, skipped: 0, seconds: 0.25, failures: [], skips: [] },
  ]);
});

test('a test that several files share counts for the file whose suite it is in', () => {
  const shared = { file: '/top/lab/test/support/shared.ts', nesting: 1 };
  const counted = countOutcomes(
    [
      event('test:pass', 'one', shared),
      event('test:pass', 'a', { type: 'suite' }),
      event('test:fail', 'one', shared),
      event('test:fail', 'b', { type: 'suite', file: '/top/lab/test/b.test.ts' }),
    ],
    '/top',
  );

  assert.deepEqual(
    counted.map(({ file, passed, failed }) => [file, passed, failed]),
    [
      ['lab/test/a.test.ts', 1, 0],
      ['lab/test/b.test.ts', 0, 1],
    ],
  );
});

test('what is left out is counted with its reason; a whole suite counts as one', () => {
  const [counted] = countOutcomes(
    [
      event('test:pass', 'no root', { skip: 'needs root' }),
      event('test:pass', 'silent', { skip: true }),
      event('test:fail', 'later', { todo: 'not written' }),
      event('test:pass', 'the image', { type: 'suite', skip: 'needs Docker' }),
      event('test:pass', 'run all the same', { skip: false }),
    ],
    '/top',
  );

  assert.deepEqual(counted?.skips, [
    'no root: needs root',
    'silent: no reason given',
    'later: not written',
    'the image: needs Docker',
  ]);
  assert.deepEqual([counted.passed, counted.failed, counted.skipped], [1, 0, 4]);
});

test('a file that cannot be loaded is one failure', () => {
  const [counted] = countOutcomes([event('test:fail', 'a.test.ts', { ms: 40 })], '/top');

  assert.deepEqual([counted?.file, counted?.failed, counted?.failures], ['lab/test/a.test.ts', 1, ['a.test.ts']]);
});
