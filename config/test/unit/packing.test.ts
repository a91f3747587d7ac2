import assert from 'node:assert/strict';
import { test } from 'node:test';

import { contentName, packingOf } from '../../kit/packing.ts';

const tarHeader = Buffer.alloc(512);
tarHeader.write('ustar\u000000', 257, 'latin1');

const archives: [string, Buffer, string | undefined][] = [
  ['gzip', Buffer.from('1f8b080000', 'hex'), 'gzip'],
  ['zstd', Buffer.from('28b52ffd04', 'hex'), 'zstd'],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), 'xz'],
  ['bzip2', Buffer.from('BZh91AY'), 'bzip2'],
  ['a plain tar', tarHeader, 'tar'],
  ['an HTML page', Buffer.from('\n<!DOCTYPE html><html>'), undefined],
  ['empty', Buffer.alloc(0), undefined],
];

for (const [name, head, packing] of archives) {
  test(`${name} is known by its first bytes`, () => {
    assert.equal(packingOf(head), packing);
    if (packing === undefined) assert.equal(contentName(head), name);
  });
}

test('what is not known is named by its bytes', () => {
  assert.equal(contentName(Buffer.from([1, 2])), 'unknown (its first bytes are 0x0102)');
});
