import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSize } from '../../kit/size.ts';

test('a size is a number and a binary unit', () => {
  assert.deepEqual(['1MiB', '20GiB', '2TiB'].map(parseSize), [2 ** 20, 20 * 2 ** 30, 2 ** 41]);
});

test('anything else is no size', () => {
  for (const text of ['', '20', '20GB', '20 GiB', '0GiB', '-1GiB', '1.5GiB', 'GiB', '20gib', '99999999GiB']) {
    assert.equal(parseSize(text), undefined, text);
  }
});
