import assert from 'node:assert/strict';
import { test } from 'node:test';

import { baseName, siblingFile } from '../../kit/definition-file.ts';

test('the ending is taken off once, whatever its case, and only at the end', () => {
  const names = ['web1.json', 'Web1.JSON', 'a.json.json', 'web1.json.bak', 'web1'];

  assert.deepEqual(names.map(baseName), ['web1', 'Web1', 'a.json', 'web1.json.bak', 'web1']);
  assert.equal(siblingFile('web1.json', '.reinstall'), 'web1.reinstall');
});
