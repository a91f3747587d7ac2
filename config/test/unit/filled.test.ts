import assert from 'node:assert/strict';
import { test } from 'node:test';

import { filled } from '../../kit/filled.ts';

test('values that are undefined or empty are left out, the others keep their order', () => {
  assert.deepEqual(Object.entries(filled({ z: '1', ip: '', subnet: undefined, a: ' ' })), [
    ['z', '1'],
    ['a', ' '],
  ]);
});
