/** How a root file system's archive is packed. */
export const packings = ['gzip', 'zstd', 'xz', 'bzip2', 'tar'] as const;
export type Packing = (typeof packings)[number];

/** How many of a file's first bytes tell its packing. */
export const packingBytes = 512;

/** Magic numbers: RFC 1952, RFC 8878, the .xz file format 1.2.1, bzip2's "BZh" with its block size. */
const magics: readonly [Packing, readonly number[]][] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];
/** RFC 8878, 3.1.2: a frame to be skipped has one of 16 numbers and its length; pzstd begins with one. */
const zstdSkippable = 0x184d2a50;
/** POSIX pax(1), "ustar Interchange Format": the sum of a header's bytes, itself counted as eight spaces. */
const tarChecksum = { at: 148, bytes: 8 };
const tarHeaderBytes = 512;

/** By a file's first bytes; undefined when they are those of no archive that can be unpacked. Its name says nothing: people rename.
 * @param head `packingBytes` of them, or all that there are */
export function packingOf(head: Uint8Array): Packing | undefined {
  const bytes = Buffer.from(head);
  const packed = magics.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte));
  if (packed !== undefined) return packed[0];
  if (bytes.length >= 8 && (bytes.readUInt32LE() & ~0xf) === zstdSkippable) return 'zstd';
  return isTarHeader(bytes) ? 'tar' : undefined;
}

/** By its checksum: the oldest tar has no magic. @param bytes the first 512 are looked at */
export function isTarHeader(bytes: Uint8Array): boolean {
  if (bytes.length < tarHeaderBytes) return false;
  const header = Buffer.from(bytes.subarray(0, tarHeaderBytes));
  const written = /^[\s\0]*([0-7]+)/.exec(
    header.toString('latin1', tarChecksum.at, tarChecksum.at + tarChecksum.bytes),
  )?.[1];
  header.fill(' ', tarChecksum.at, tarChecksum.at + tarChecksum.bytes);
  const sum = header.reduce((total, byte) => total + byte, 0);
  return written !== undefined && header[0] !== 0 && Number.parseInt(written, 8) === sum;
}

/** What a file is that is no archive, for people: `an HTML page`. */
export function contentName(head: Uint8Array): string {
  if (head.length === 0) return 'empty';
  const text = Buffer.from(head).toString('latin1').trimStart().toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'an HTML page';
  if (text.startsWith('{') || text.startsWith('<?xml')) return 'a text document';
  if (text.startsWith('version https://git-lfs')) return 'a pointer of Git LFS';
  if (text.startsWith('qfi\xfb')) return 'a qcow2 disk image';
  if (text.startsWith('pk\x03\x04')) return 'a ZIP archive';
  if (text.startsWith('hsqs')) return 'a squashfs image';
  return `unknown (its first bytes are 0x${Buffer.from(head.subarray(0, 8)).toString('hex')})`;
}
