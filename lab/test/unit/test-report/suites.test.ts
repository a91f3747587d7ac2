import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { steps } from '@pxeboot/lab/test-report/suites';

const script = readFileSync(join(import.meta.dirname, '../../../../config/build/run-tests.sh'), 'utf8');

test('the report knows every suite that run-tests.sh can run, and no other', () => {
  const runSuite = /^run_suite\(\) \{\n([\s\S]*?)\n\}$/m.exec(script)?.[1] ?? '';

  const suites = [...runSuite.matchAll(/^ +([a-z0-9-]+)\) /gm)].map(([, name]) => name);

  assert.ok(suites.includes('e2e'));
  assert.deepEqual(suites.sort(), Object.keys(steps).sort());
});
