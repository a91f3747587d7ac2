import { InputError } from '../../../kit/errors.ts';

/** Names, targets and values are byte strings here, one character for each byte (latin1): a name in an archive need not be UTF-8, and a
 * capability is none. */
export interface PaxRecord {
  key: string;
  value: string;
}

/** What a header says of its entry. */
export interface TarHeader {
  /** One character. */
  typeflag: string;
  path: string;
  target: string;
  /** Bytes of content that follow the header; 0 for links, devices and directories, whatever their size field says. */
  bytes: number;
}

export const blockBytes = 512;

/** Fields: POSIX pax(1), "ustar Interchange Format". */
const fields = {
  name: [0, 100],
  size: [124, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;
type Field = keyof typeof fields;
/** star, star.4: "tar\0" at the end of the block; its prefix is shorter, and times follow. */
const star = { mark: [508, 4], prefixBytes: 131 } as const;
/** Links, devices, directories and FIFOs, whatever their size says: what Go's archive/tar, which wrote most layers, reads too. */
const withoutContent = '123456';

/** Reads one block. @throws InputError it is no header, or its size is none */
export function parseTarHeader(block: Buffer): TarHeader {
  if (!hasChecksum(block)) throw new InputError('is damaged: there is no header where one must be');
  const typeflag = block.toString('latin1', fields.typeflag[0], fields.typeflag[0] + 1);
  const name = text(block, 'name');
  const prefix = hasPrefix(block) ? text(block, 'prefix').slice(0, isStar(block) ? star.prefixBytes : undefined) : '';
  return {
    typeflag,
    path: prefix === '' ? name : `${prefix}/${name}`,
    target: text(block, 'linkname'),
    bytes: withoutContent.includes(typeflag) ? 0 : parseNumber(bytesOf(block, 'size')),
  };
}

/** Reads the records of an extended header. @throws InputError they are damaged
 * @see POSIX pax(1), "pax Extended Header" */
export function parsePaxBody(body: Buffer): PaxRecord[] {
  const all = body.toString('latin1');
  const records: PaxRecord[] = [];
  for (let at = 0; at < all.length;) {
    const [head = '', digits = ''] = /^(\d{1,10}) /.exec(all.slice(at, at + 12)) ?? [];
    const length = Number(digits);
    const record = all.slice(at + head.length, at + length);
    const equals = record.indexOf('=');
    if (head === '' || equals < 1 || !record.endsWith('\n') || at + length > all.length)
      throw new InputError('is damaged: an extended header has a record that is none');
    records.push({ key: record.slice(0, equals), value: record.slice(equals + 1, -1) });
    at += length;
  }
  return records;
}

/** Writes an entry's headers with another name, and all else as it was.
 * @param holes blocks that belong to the header
 * @param records of its extended header */
export function encodeEntry(
  { header, holes, records }: { header: Buffer; holes: Buffer; records: readonly PaxRecord[] },
  path: string,
): Buffer {
  const isSparse = records.some(({ key }) => key === 'GNU.sparse.name');
  const kept = records.filter(({ key }) => key !== 'path' && key !== 'GNU.sparse.name');
  const named = isSparse ? [...kept, { key: 'GNU.sparse.name', value: path }] : kept;
  const block = Buffer.from(header);
  setPath(block, path);
  const isLong = path.length > fields.name[1];
  return Buffer.concat([encodePax(isLong ? [...named, { key: 'path', value: path }] : named), seal(block), holes]);
}

/** Writes a hard link to an entry that is in the archive before it. */
export function encodeHardLink({ header }: { header: Buffer }, path: string, target: string): Buffer {
  const block = Buffer.from(header);
  setPath(block, path);
  set(block, 'linkname', target);
  set(block, 'typeflag', '1');
  set(block, 'size', '00000000000');
  // A map of holes, or times.
  block.fill(0, fields.prefix[0]);
  const records: PaxRecord[] = [];
  if (path.length > fields.name[1]) records.push({ key: 'path', value: path });
  if (target.length > fields.linkname[1]) records.push({ key: 'linkpath', value: target });
  return Buffer.concat([encodePax(records), seal(block)]);
}

/** How many bytes of content are in the archive, with what fills the last block. */
export function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

/** What is cut off is in a record. A file whose name ends in a slash would be a directory. */
function setPath(block: Buffer, path: string): void {
  const [, length] = fields.name;
  set(block, 'name', path.length > length ? path.slice(0, length).replace(/\/$/, '_') : path);
  if (hasPrefix(block)) block.fill(0, fields.prefix[0], fields.prefix[0] + (isStar(block) ? star.prefixBytes : 155));
}

function encodePax(records: readonly PaxRecord[]): Buffer {
  if (records.length === 0) return Buffer.alloc(0);
  const body = Buffer.from(records.map(encodeRecord).join(''), 'latin1');
  const block = Buffer.alloc(blockBytes);
  block.write('PaxHeaders/entry\0', 'latin1');
  for (const [at, value] of [
    [100, '0000644\0' + '0000000\0'.repeat(2)],
    [136, '00000000000\0'],
    [257, 'ustar\x0000'],
  ] as const)
    block.write(value, at, 'latin1');
  set(block, 'size', body.length.toString(8).padStart(11, '0'));
  set(block, 'typeflag', 'x');
  return Buffer.concat([seal(block), body, Buffer.alloc(paddedBytes(body.length) - body.length)]);
}

/** The length counts its own digits. */
function encodeRecord({ key, value }: PaxRecord): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (rest.length + String(length).length !== length) length = rest.length + String(length).length;
  return `${length}${rest}`;
}

/** Writes the checksum. */
function seal(block: Buffer): Buffer {
  set(block, 'checksum', `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

function hasChecksum(block: Buffer): boolean {
  return parseNumber(bytesOf(block, 'checksum')) === checksum(block);
}

/** The field itself counts as spaces. */
function checksum(block: Buffer): number {
  const sum = (bytes: Buffer): number => bytes.reduce((total, byte) => total + byte, 0);
  return sum(block) - sum(bytesOf(block, 'checksum')) + fields.checksum[1] * 0x20;
}

function set(block: Buffer, field: Field, value: string): void {
  const [at, length] = fields[field];
  block.fill(0, at, at + length);
  block.write(value.slice(0, length), at, 'latin1');
}

function bytesOf(block: Buffer, field: Field): Buffer {
  const [at, length] = fields[field];
  return block.subarray(at, at + length);
}

function text(block: Buffer, field: Field): string {
  return bytesOf(block, field).toString('latin1').replace(/\0.*$/s, '');
}

/** GNU's old format has other things there. */
function hasPrefix(block: Buffer): boolean {
  return bytesOf(block, 'magic').toString('latin1').startsWith('ustar\0');
}

function isStar(block: Buffer): boolean {
  return block.toString('latin1', star.mark[0], star.mark[0] + star.mark[1]) === 'tar\0';
}

/** Octal, or a number of GNU's base 256: its first bit is set. */
function parseNumber(bytes: Buffer): number {
  const value =
    ((bytes[0] ?? 0) & 0x80) !== 0
      ? bytes.subarray(1).reduce((total, byte) => total * 256 + byte, (bytes[0] ?? 0) & 0x7f)
      : Number.parseInt(/^[\s\0]*([0-7]*)/.exec(bytes.toString('latin1'))?.[1] || '0', 8);
  if (Number.isSafeInteger(value)) return value;
  throw new InputError('is damaged: the size of an entry is no number');
}
