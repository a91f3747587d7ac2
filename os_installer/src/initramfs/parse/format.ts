/** Length of a "newc" header (cpio(5)): a magic of six characters, then thirteen numbers of eight hex digits. */
export const headerBytes = 110;
const [lengthOffset, nameLengthOffset] = [54, 94];
/** The name of an archive's last entry. */
export const trailer = 'TRAILER!!!';
/** The kernel passes over entries with longer names (PATH_MAX in its init/initramfs.c). */
const longestName = 4096;

export const magicBytes = 6;

/** What the kernel can unpack, by its first bytes in hex.
 * @see Linux, lib/decompress.c */
const compressions = [
  ['1f8b', 'gzip'],
  ['425a', 'bzip2'],
  ['5d00', 'lzma'],
  ['fd37', 'xz'],
  ['894c', 'lzo'],
  ['0221', 'lz4'],
  ['28b52ffd', 'zstd'],
] as const;

/** What begins at a place in an initramfs, by its magic number: an archive, or the compression of archives.
 * @returns undefined for what the kernel does not unpack
 * @see Linux, Documentation/driver-api/early-userspace/buffer-format.rst */
export function partKind(magic: Uint8Array): string | undefined {
  const bytes = Buffer.from(magic);
  if (/^07070[12]$/.test(bytes.toString('latin1', 0, magicBytes))) return 'archive';
  return compressions.find(([first]) => bytes.toString('hex').startsWith(first))?.[1];
}

/** Where things lie behind an entry's header: the name with at least one zero, then the data, each filled up to four bytes. */
export interface EntrySize {
  nameBytes: number;
  /** Between the name's end and the next header. */
  restBytes: number;
}

/** @throws Error it is no header */
export function parseHeader(header: Uint8Array): EntrySize {
  const text = Buffer.from(header).toString('latin1');
  const field = (offset: number): number => Number.parseInt(text.slice(offset, offset + 8), 16);
  const [nameBytes, dataBytes] = [field(nameLengthOffset), field(lengthOffset)];
  if (!/^07070[12][\da-f]{104}$/i.test(text) || nameBytes === 0 || nameBytes > longestName) {
    throw new Error(`${JSON.stringify(text)} is not the header of a cpio entry`);
  }
  return { nameBytes, restBytes: padding(headerBytes + nameBytes) + dataBytes + padding(dataBytes) };
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}

/** The text up to the first zero: dracut-cpio fills names up with zeros, so that the data begins at a block. */
export function nameOf(field: Uint8Array): string {
  const text = Buffer.from(field).toString('utf8');
  return text.split('\0', 1)[0] ?? text;
}

/** The name that the kernel has for the module of an entry; undefined when it is none, or one of another kernel. */
export function moduleIn(entry: string, release: string): string | undefined {
  const [, found, file] =
    /^(?:\.?\/)?(?:usr\/)?lib\/modules\/([^/]+)\/(?:.*\/)?([^/]+)\.ko(?:\.gz|\.xz|\.zst)?$/.exec(entry) ?? [];
  return found === release ? file?.replaceAll('-', '_') : undefined;
}

/** The program that the kernel starts. */
export function isInit(entry: string): boolean {
  return /^(?:\.?\/)?init$/.test(entry);
}

/** What dracut packs modules and programs into when it is asked to ("squash"). */
export function isSystemImage(entry: string): boolean {
  return /^(?:\.?\/)?(?:squash|squashfs|erofs)-root\.img$/.test(entry);
}
