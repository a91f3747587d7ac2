import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { vmDefinitionSchema } from '../../../contract/schemas/vm-definition.schema.ts';

test('the JSON that an editor reads in a clone is the schema; "npm run schemas -w config" writes it', () => {
  const file = join(import.meta.dirname, '../../../contract/schemas/vm-definition.schema.json');

  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), vmDefinitionSchema);
});
