/** No root file system packs better than this, so a smaller tarball's length has not wrapped around at 4 GiB. */
const bestRatio = 10;

/** Unpacked length by the last four bytes of a gzip file (RFC 1952, 2.3.1: ISIZE, the length modulo 2^32).
 * @returns undefined when it is not to be relied on: it may have wrapped around, or counts only the last of several parts */
export function gzipUnpackedBytes(trailer: Uint8Array, packedBytes: number): number | undefined {
  if (trailer.length !== 4 || packedBytes * bestRatio >= 2 ** 32) return undefined;
  const size = Buffer.from(trailer).readUInt32LE();
  return size >= packedBytes && size <= packedBytes * bestRatio ? size : undefined;
}

/** Unpacked length by the frame header of a zstd file; undefined when it was packed as a stream of unknown length, or in
 * several frames of which only the first is known.
 * @see RFC 8878, 3.1.1.1 */
export function zstdUnpackedBytes(header: Uint8Array, packedBytes: number): number | undefined {
  const bytes = Buffer.from(header);
  if (bytes.length < 18 || bytes.readUInt32LE() !== 0xfd2fb528) return undefined;
  const descriptor = bytes.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const at = 5 + (singleSegment ? 0 : 1) + dictionaryBytes;
  const size = contentSize(bytes, at, descriptor >> 6, singleSegment);
  return size !== undefined && size >= packedBytes ? size : undefined;
}

function contentSize(bytes: Buffer, at: number, flag: number, singleSegment: boolean): number | undefined {
  switch (flag) {
    case 0:
      return singleSegment ? bytes.readUInt8(at) : undefined;
    case 1:
      return bytes.readUInt16LE(at) + 256;
    case 2:
      return bytes.readUInt32LE(at);
    default: {
      const size = bytes.readBigUInt64LE(at);
      return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : undefined;
    }
  }
}
