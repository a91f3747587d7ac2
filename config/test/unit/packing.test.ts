import assert from 'node:assert/strict';
import { test } from 'node:test';

import { contentName, packingOf } from '../../kit/packing.ts';

/** A header as tar --format=v7 writes it, or with more in it. */
function tarHeader(more: (header: Buffer) => void = () => undefined): Buffer {
  const header = Buffer.alloc(512);
  header.write('./', 'latin1');
  more(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const archives: [string, Buffer, string | undefined][] = [
  ['gzip', Buffer.from('1f8b080000', 'hex'), 'gzip'],
  ['zstd', Buffer.from('28b52ffd04', 'hex'), 'zstd'],
  ['xz', Buffer.from('fd377a585a0000', 'hex'), 'xz'],
  ['bzip2', Buffer.from('BZh91AY'), 'bzip2'],
  [
    'zstd that begins with a frame to be skipped, as pzstd writes it',
    Buffer.from('502a4d18040000005b130000', 'hex'),
    'zstd',
  ],
  ['a plain tar', tarHeader((header) => header.write('ustar\u000000', 257, 'latin1')), 'tar'],
  ['a plain tar of the oldest kind, without a magic', tarHeader(), 'tar'],
  ['an HTML page', Buffer.from('\n<!DOCTYPE html><html>'), undefined],
  ['empty', Buffer.alloc(0), undefined],
];

for (const [name, head, packing] of archives) {
  test(`${name} is known by its first bytes`, () => {
    assert.equal(packingOf(head), packing);
    if (packing === undefined) assert.equal(contentName(head), name);
  });
}

test('512 bytes with another sum than their own are no tar', () => {
  assert.equal(packingOf(tarHeader().fill('x', 0, 1)), undefined);
  assert.equal(packingOf(Buffer.alloc(512)), undefined);
});

test('what is not known is named by its bytes', () => {
  assert.equal(contentName(Buffer.from([1, 2])), 'unknown (its first bytes are 0x0102)');
});
