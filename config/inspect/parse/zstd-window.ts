/** How many first bytes of a file tell the window of its first frame. */
export const zstdHeadBytes = 18;

/** The window that a zstd frame needs to be unpacked, in bytes; undefined when it does not begin with a frame.
 * A frame of one segment needs what it unpacks to.
 * @see RFC 8878, 3.1.1.1 */
export function zstdWindowBytes(head: Uint8Array): number | undefined {
  const bytes = Buffer.from(head);
  if (bytes.length < zstdHeadBytes || bytes.readUInt32LE() !== 0xfd2fb528) return undefined;
  const descriptor = bytes.readUInt8(4);
  if ((descriptor & 0x20) !== 0) return contentBytes(bytes, descriptor);
  const window = bytes.readUInt8(5);
  const base = 2 ** (10 + (window >> 3));
  return base + (base / 8) * (window & 7);
}

function contentBytes(bytes: Buffer, descriptor: number): number {
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  switch (descriptor >> 6) {
    case 0:
      return bytes.readUInt8(at);
    case 1:
      return bytes.readUInt16LE(at) + 256;
    case 2:
      return bytes.readUInt32LE(at);
    default:
      return Number(bytes.readBigUInt64LE(at));
  }
}
