import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseElf } from '../../src/plan/elf.ts';

const base = 0x1000; // the file is loaded at this address

interface Segment {
  type: number;
  content: Buffer;
}

/** A 64-bit little-endian ELF file: header, one load segment over all, the given segments. */
function elf(segments: Segment[], machine = 62): Buffer {
  const headersSize = 64 + 56 * (segments.length + 1);
  const body = Buffer.concat(segments.map(({ content }) => content));
  const header = Buffer.alloc(headersSize);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(segments.length + 1, 56);
  writeHeader(header, 64, 1, 0, headersSize + body.length);
  let offset = headersSize;
  for (const [index, { type, content }] of segments.entries()) {
    writeHeader(header, 64 + 56 * (index + 1), type, offset, content.length);
    offset += content.length;
  }
  return Buffer.concat([header, body]);
}

function writeHeader(header: Buffer, at: number, type: number, offset: number, size: number): void {
  header.writeUInt32LE(type, at);
  header.writeBigUInt64LE(BigInt(offset), at + 8);
  header.writeBigUInt64LE(BigInt(base + offset), at + 16);
  header.writeBigUInt64LE(BigInt(size), at + 32);
  header.writeBigUInt64LE(4n, at + 48);
}

function numbers(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => buffer.writeBigUInt64LE(BigInt(value), index * 8));
  return buffer;
}

function note(owner: string, type: number, content: string): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(owner.length + 1, 0);
  head.writeUInt32LE(content.length + 1, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, padded(owner), padded(content)]);
}

function padded(text: string): Buffer {
  const bytes = Buffer.from(`${text}\0`);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

test('bytes that are not ELF give nothing', () => {
  assert.equal(parseElf(Buffer.from('#!/bin/sh\n'.padEnd(100))), undefined);
});

test('interpreter, needed libraries and run path are read', () => {
  const interpreter = Buffer.from('/lib/ld.so\0');
  const strings = Buffer.from('\0libc.so.6\0libm.so.6\0/a:/b\0');
  const dynamicSize = 5 * 16;
  const stringsAt = 64 + 56 * 4 + interpreter.length + dynamicSize;
  const dynamic = numbers(1, 1, 1, 11, 29, 21, 5, base + stringsAt, 0, 0);

  const facts = parseElf(
    elf([
      { type: 3, content: interpreter },
      { type: 2, content: dynamic },
      { type: 0, content: strings },
    ]),
  );

  assert.deepEqual(facts, {
    arch: 'x86_64',
    interpreter: '/lib/ld.so',
    needed: ['libc.so.6', 'libm.so.6'],
    runpath: ['/a', '/b'],
    dlopen: [],
  });
});

test('dlopen notes are read, other notes are passed over', () => {
  const json = '[{"feature":"xz","priority":"recommended","soname":["liblzma.so.5"]}]';
  const content = Buffer.concat([note('GNU', 3, 'build'), note('FDO', 0x407c0c0a, json)]);

  const facts = parseElf(elf([{ type: 4, content }], 183));

  assert.equal(facts?.arch, 'aarch64');
  assert.deepEqual(facts.dlopen, [{ feature: 'xz', sonames: ['liblzma.so.5'] }]);
});

test('a dlopen note without soname is an error', () => {
  const content = note('FDO', 0x407c0c0a, '[{"feature":"xz"}]');

  assert.throws(() => parseElf(elf([{ type: 4, content }])), /without soname/);
});

test('a file cut short is an error', () => {
  const whole = elf([{ type: 4, content: note('FDO', 0x407c0c0a, '[]') }]);

  assert.throws(() => parseElf(whole.subarray(0, whole.length - 4)), /cut short/);
});

test('a 32-bit file and an unknown machine are errors', () => {
  const small = elf([]);
  small[4] = 1;

  assert.throws(() => parseElf(small), /not 64-bit little-endian/);
  assert.throws(() => parseElf(elf([], 243)), /ELF machine "243"/);
});
