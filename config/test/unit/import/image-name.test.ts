import assert from 'node:assert/strict';
import { test } from 'node:test';

import { defaultImageName, isImageName } from '../../../import/decide/image-name.ts';
import { parseOsRelease } from '../../../kit/os-release.ts';

test('a name is one that a definition can have, and never an empty one', () => {
  for (const name of ['debian-12', 'ubuntu-24.04', 'a', 'my_image']) assert.ok(isImageName(name), name);
  for (const name of ['', '.', '..', '.hidden', 'a/b', 'a b', '-a', 'a\n']) assert.ok(!isImageName(name), name);
});

test('a system that says nothing of itself has no name of its own', () => {
  assert.equal(defaultImageName(parseOsRelease('ID=ubuntu\nVERSION_ID="24.04"\n')), 'ubuntu-24.04');
  for (const text of ['ID=\n', 'ID=""\nVERSION_ID=""\n', 'ID=\nVERSION_ID=1\n']) {
    assert.ok(!isImageName(defaultImageName(parseOsRelease(text))), text);
  }
});
