import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync, constants } from 'node:zlib';

import { gzipUnpackedBytes, zstdUnpackedBytes } from '../../../src/plan/unpacked-size.ts';

const mib = 2 ** 20;

function zstd(length: number, given: { pledgedSrcSize?: number; params?: Record<number, number> } = {}): Uint8Array {
  const params = { [constants.ZSTD_c_contentSizeFlag]: 1, ...given.params };
  return zstdCompressSync(randomBytes(length), { pledgedSrcSize: length, ...given, params }).subarray(0, 18);
}

test('the end of a gzip file tells how long it is unpacked', () => {
  const packed = gzipSync(Buffer.from('abcdefgh'.repeat(20)));

  assert.equal(gzipUnpackedBytes(packed.subarray(-4), packed.length), 160);
});

test('a gzip length that may have wrapped around, or is that of a last part, is not believed', () => {
  const trailer = (size: number): Uint8Array => new Uint8Array(new Uint32Array([size]).buffer);

  assert.equal(gzipUnpackedBytes(trailer(900 * mib), 300 * mib), 900 * mib);
  assert.equal(gzipUnpackedBytes(trailer(900 * mib), 410 * mib), undefined);
  assert.equal(gzipUnpackedBytes(trailer(900 * mib), 50 * mib), undefined);
  assert.equal(gzipUnpackedBytes(trailer(10), 300 * mib), undefined);
  assert.equal(gzipUnpackedBytes(new Uint8Array(3), 3), undefined);
});

test('the frame header of a zstd file tells how long it is unpacked, in each of its forms', () => {
  for (const length of [100, 255, 256, 60_000, 70_000, 5 * mib])
    assert.equal(zstdUnpackedBytes(zstd(length), 1), length);
});

test('a zstd length beyond 4 GiB is read whole', () => {
  const header = Buffer.alloc(18);
  header.writeUInt32LE(0xfd2fb528);
  header.writeUInt8(0xc0, 4);
  header.writeBigUInt64LE(6n * 2n ** 30n, 6);

  assert.equal(zstdUnpackedBytes(header, 1), 6 * 2 ** 30);
});

test('zstd without a content size, a first frame that is smaller than the file, and other data tell nothing', () => {
  const unknown = zstd(70_000, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });

  assert.equal(zstdUnpackedBytes(unknown, 1), undefined);
  assert.equal(zstdUnpackedBytes(zstd(100), 101), undefined);
  assert.equal(zstdUnpackedBytes(new Uint8Array(18), 1), undefined);
  assert.equal(zstdUnpackedBytes(zstd(100).subarray(0, 10), 1), undefined);
});
