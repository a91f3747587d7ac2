import assert from 'node:assert/strict';
import { test } from 'node:test';

import { moduleIn, nameOf, parseHeader, partKind } from '../../../src/initramfs/parse/format.ts';

/** Numbers of a header, in the order of cpio(5). */
function header(fileBytes: number, nameBytes: number): string {
  const numbers = [1, 0o100644, 0, 0, 1, 0, fileBytes, 8, 1, 0, 0, nameBytes, 0];
  return `070701${numbers.map((number) => number.toString(16).toUpperCase().padStart(8, '0')).join('')}`;
}

test('what begins in an initramfs is told by its magic number', () => {
  const kinds = [
    ['070701', 'archive'],
    ['070702', 'archive'],
    ['070707', undefined],
    ['\x1f\x8b\x08\x00\x00\x00', 'gzip'],
    ['\x28\xb5\x2f\xfd\x84\x60', 'zstd'],
    ['\xfd7zXZ\0', 'xz'],
    ['BZh9', 'bzip2'],
    ['\x5d\0\0\x80', 'lzma'],
    ['\x89LZO', 'lzo'],
    ['\x02\x21\x4c\x18', 'lz4'],
    ['\0\0\0\0\0\0', undefined],
    ['\x1f', undefined],
    ['\x28\xb5\0\0', undefined],
    ['', undefined],
  ] as const;

  for (const [magic, kind] of kinds) assert.equal(partKind(Buffer.from(magic, 'latin1')), kind, JSON.stringify(magic));
});

test('name and data are each filled up to four bytes', () => {
  // With its 110 bytes a header ends two bytes short of a multiple of four.
  const sizes = [
    [header(0, 2), { nameBytes: 2, restBytes: 0 }],
    [header(0, 3), { nameBytes: 3, restBytes: 3 }],
    [header(0, 6), { nameBytes: 6, restBytes: 0 }],
    [header(4, 6), { nameBytes: 6, restBytes: 4 }],
    [header(5, 5), { nameBytes: 5, restBytes: 1 + 5 + 3 }],
    [header(0xffffffff, 2), { nameBytes: 2, restBytes: 2 ** 32 }],
    [header(0, 4096), { nameBytes: 4096, restBytes: 2 }],
  ] as const;

  for (const [text, size] of sizes) assert.deepEqual(parseHeader(Buffer.from(text)), size, text);
});

test('what is no header is refused', () => {
  const good = header(4, 6);
  for (const text of [good.slice(1), `${good.slice(0, 60)}g${good.slice(61)}`, good.slice(0, 109), header(0, 0)]) {
    assert.throws(() => parseHeader(Buffer.from(text)), /is not the header of a cpio entry/, text);
  }
  assert.throws(() => parseHeader(Buffer.from(header(0, 4097))), /is not the header of a cpio entry/);
});

test('a name ends at its first zero', () => {
  for (const field of ['lib/a', 'lib/a\0', 'lib/a\0\0\0', 'lib/a\0b\0'])
    assert.equal(nameOf(Buffer.from(field)), 'lib/a');
});

test('a module is known by its name, however it is packed, and only for its kernel', () => {
  const entries = [
    ['usr/lib/modules/6.1-a/kernel/drivers/nvme/host/nvme.ko', 'nvme'],
    ['./usr/lib/modules/6.1-a/kernel/drivers/nvme/host/nvme.ko', 'nvme'],
    ['lib/modules/6.1-a/kernel/drivers/nvme/host/nvme-core.ko.xz', 'nvme_core'],
    ['/lib/modules/6.1-a/updates/dkms/a.b.ko.zst', 'a.b'],
    ['lib/modules/6.1-a/usb-storage.ko.gz', 'usb_storage'],
    ['lib/modules/6.2/kernel/drivers/nvme/host/nvme.ko', undefined],
    ['lib/modules/6.1-a/modules.dep', undefined],
    ['lib/modules/6.1-a/nvme.ko.lz4', undefined],
    ['usr/share/lib/modules/6.1-a/nvme.ko', undefined],
  ] as const;

  for (const [entry, name] of entries) assert.equal(moduleIn(entry, '6.1-a'), name, entry);
});
