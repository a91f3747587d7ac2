import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { plan } from '../sample-machine.ts';

test('each kind of step is planned once, and has the file of its name', () => {
  const files = readdirSync(join(import.meta.dirname, '../../../src/steps')).filter((name) => name.endsWith('.ts'));

  assert.deepEqual(
    plan()
      .steps.map(({ kind }) => `${kind}.ts`)
      .toSorted(),
    files.filter((name) => name !== 'index.ts').toSorted(),
  );
});
