/** No root file system packs better than this, so a smaller tarball's length has not wrapped around at 4 GiB. */
const bestRatio = 10;

/** Unpacked length by the last four bytes of a gzip file (RFC 1952, 2.3.1: ISIZE, the length modulo 2^32).
 * @returns undefined when it is not to be relied on: it may have wrapped around, or counts only the last of several parts */
export function gzipUnpackedBytes(trailer: Uint8Array, packedBytes: number): number | undefined {
  if (trailer.length !== 4 || packedBytes * bestRatio >= 2 ** 32) return undefined;
  const size = Buffer.from(trailer).readUInt32LE();
  return size >= packedBytes && size <= packedBytes * bestRatio ? size : undefined;
}

interface ZstdFrame {
  /** Absent where it was packed as a stream. */
  contentBytes?: number;
  windowBytes: number;
}

/** @see RFC 8878, 3.1.1.1 @returns undefined: not the header of a frame with data */
function parseZstdFrame(header: Uint8Array): ZstdFrame | undefined {
  const bytes = Buffer.from(header);
  if (bytes.length < 18 || bytes.readUInt32LE() !== 0xfd2fb528) return undefined;
  const descriptor = bytes.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentBytes = contentSize(
    bytes,
    5 + (singleSegment ? 0 : 1) + dictionaryBytes,
    descriptor >> 6,
    singleSegment,
  );
  const content = contentBytes === undefined ? {} : { contentBytes };
  if (singleSegment) return { ...content, windowBytes: contentBytes ?? Number.MAX_SAFE_INTEGER };
  const window = bytes.readUInt8(5);
  const base = 2 ** (10 + (window >> 3));
  return { ...content, windowBytes: base + (base / 8) * (window & 7) };
}

/** How much memory the window of the first frame with data takes: RFC 8878, 3.1.1.1.2.
 * @param head the file's first bytes; frames to be skipped (3.1.2), which pzstd writes, are */
export function zstdWindowBytes(head: Uint8Array): number | undefined {
  const bytes = Buffer.from(head);
  let at = 0;
  while (at + 8 <= bytes.length && (bytes.readUInt32LE(at) & ~0xf) === 0x184d2a50) at += 8 + bytes.readUInt32LE(at + 4);
  return parseZstdFrame(bytes.subarray(at))?.windowBytes;
}

/** Unpacked length by the frame header of a zstd file; undefined when it was packed as a stream of unknown length, or in
 * several frames of which only the first is known.
 * @see RFC 8878, 3.1.1.1 */
export function zstdUnpackedBytes(header: Uint8Array, packedBytes: number): number | undefined {
  const size = parseZstdFrame(header)?.contentBytes;
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

/** How much memory the dictionary of the first block of an xz file takes.
 * @param head the file's first bytes
 * @see The .xz File Format 1.2.1: 3.1 Block Header, 5.3.1 LZMA2 */
export function xzDictionaryBytes(head: Uint8Array): number | undefined {
  const header = Buffer.from(head).subarray(12);
  const [size = 0, flags = 0] = header;
  // Sizes that may be there, then the filters, each with a number, the length of its properties, and these.
  const numbers = [...header.subarray(2, (size + 1) * 4 - 4)];
  const takeNumber = (): number => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = numbers.shift() ?? 0;
      value += (byte & 0x7f) * factor;
      if ((byte & 0x80) === 0) return value;
      factor *= 128;
    }
  };
  if ((flags & 0x40) !== 0) takeNumber();
  if ((flags & 0x80) !== 0) takeNumber();
  for (let filter = 0; filter <= (flags & 3); filter++) {
    const [id, length] = [takeNumber(), takeNumber()];
    const [bits = 0] = numbers.splice(0, length);
    if (id === 0x21) return bits >= 40 ? 2 ** 32 - 1 : (2 + (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
  }
  return undefined;
}

/** Unpacked length by the index at the end of an xz file: the sum of its records; undefined when there is more than one stream in
 * the file, or the index is longer than the part that was read.
 * @param tail the file's last bytes
 * @see The .xz File Format 1.2.1: 2.1.2 Stream Footer, 4 Index */
export function xzUnpackedBytes(tail: Uint8Array, packedBytes: number): number | undefined {
  const bytes = Buffer.from(tail);
  if (bytes.length < 12 || bytes.toString('latin1', bytes.length - 2) !== 'YZ') return undefined;
  const indexBytes = (bytes.readUInt32LE(bytes.length - 8) + 1) * 4;
  const start = bytes.length - 12 - indexBytes;
  if (start < 0 || bytes[start] !== 0) return undefined;
  const numbers = readNumbers(bytes.subarray(start + 1, bytes.length - 12));
  const [count = 0, ...records] = numbers;
  if (count < 1 || records.length < 2 * count) return undefined;
  let [packed, unpacked] = [0, 0];
  for (let record = 0; record < count; record++) {
    packed += Math.ceil((records[2 * record] ?? 0) / 4) * 4;
    unpacked += records[2 * record + 1] ?? 0;
  }
  // Header, blocks, index and footer are the whole file, or there is another stream.
  return 12 + packed + indexBytes + 12 === packedBytes ? unpacked : undefined;
}

/** Numbers of seven bits a byte, the lowest first: 1.2 Multibyte Integers. */
function readNumbers(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let [value, factor] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if ((byte & 0x80) !== 0) continue;
    numbers.push(value);
    [value, factor] = [0, 1];
  }
  return numbers;
}
