import assert from 'node:assert/strict';
import { test } from 'node:test';

import { writeCpio } from '../../src/plan/cpio.ts';

function hex(...fields: number[]): string {
  return fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('');
}

function textOf(pieces: Uint8Array[]): string {
  return Buffer.concat(pieces).toString('latin1');
}

const trailer = `070701${hex(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0)}TRAILER!!!\0\0\0\0`;

test('an empty archive is the trailer alone', () => {
  assert.equal(textOf(writeCpio([])), trailer);
});

test('every kind of entry has owner and times zero, counted inodes and 4-byte alignment', () => {
  const archive = writeCpio([
    { kind: 'dir', path: 'dev', mode: 0o755 },
    { kind: 'chardev', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'init', mode: 0o755, content: Buffer.from('hello') },
    { kind: 'link', path: 'bin', target: 'usr/bin' },
  ]);

  const expected = [
    `070701${hex(1, 0o040755, 0, 0, 2, 0, 0, 0, 0, 0, 0, 4, 0)}dev\0\0\0`,
    `070701${hex(2, 0o020600, 0, 0, 1, 0, 0, 0, 0, 5, 1, 12, 0)}dev/console\0\0\0`,
    `070701${hex(3, 0o100755, 0, 0, 1, 0, 5, 0, 0, 0, 0, 5, 0)}init\0\0hello\0\0\0`,
    `070701${hex(4, 0o120777, 0, 0, 1, 0, 7, 0, 0, 0, 0, 4, 0)}bin\0\0\0usr/bin\0`,
    trailer,
  ];
  assert.equal(textOf(archive), expected.join(''));
});
