import { Header } from 'tar/header';

import { InputError } from '../../kit/errors.ts';
import { parsePaxRecords } from './pax-records.ts';

/** An archive that GNU tar would not unpack either. */
export class ArchiveError extends InputError {
  override readonly name = 'ArchiveError';
}

/** One entry of an archive, with its whole name, whichever way that is stored. */
export interface TarEntry {
  /** As it is written: it may begin with `./` or lead anywhere. */
  path: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of content in the archive. */
  bytes: number;
  /** Of links. */
  target: string;
}

/** Takes what a reader finds. */
export interface TarVisitor {
  /** @returns how many of the content's first bytes are wanted */
  entry(entry: TarEntry): number;
  /** The bytes that were wanted, or all that there are. */
  content(entry: TarEntry, head: Buffer): void;
}

const blockBytes = 512;
/** Of a header that extends the next one; most of it are extended attributes. */
const longestExtension = 2 ** 20;
/** Linux: PATH_MAX of include/uapi/linux/limits.h, which counts the zero at the end. What is longer, tar cannot unpack. */
const longestPath = 4095;
/** GNU tar, "Basic Tar Format", struct oldgnu_header and sparse_header: whether another block of the map of holes follows. */
const [sparseMoreAt, sparseMoreInNextAt] = [482, 504];

const entryTypes: Partial<Record<string, TarEntry['type']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  SparseFile: 'file',
  Directory: 'directory',
  GNUDumpDir: 'directory',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};
const extensionTypes: ReadonlySet<string> = new Set([
  ...['ExtendedHeader', 'OldExtendedHeader', 'GlobalExtendedHeader'],
  ...['NextFileHasLongPath', 'OldGnuLongPath', 'NextFileHasLongLinkpath'],
]);

/** What earlier headers say about the entry to come. */
interface Extension {
  path?: string;
  target?: string;
  bytes?: number;
}

/** What is done with the bytes to come. */
type State =
  | { kind: 'header' | 'ended' }
  | { kind: 'holes' }
  | { kind: 'skip'; left: number }
  | { kind: 'collect'; wanted: number; got: Buffer[]; gotBytes: number; left: number; done: (body: Buffer) => void };

/** Reads an archive piece by piece and keeps nothing of it: the formats that GNU tar writes and reads, which are ustar, pax, and GNU
 * with long names, big numbers and sparse files. */
export class TarReader {
  readonly #visitor: TarVisitor;
  #state: State = { kind: 'header' };
  /** What follows the map of holes of a sparse file. */
  #afterHoles: State = { kind: 'header' };
  #extension: Extension = {};
  /** The beginning of a block whose rest is in the next piece. */
  #partial = Buffer.alloc(0);
  #offset = 0;
  #entries = 0;
  #emptyBlocks = 0;

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
  }

  /** @throws ArchiveError it is damaged here */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length && this.#state.kind !== 'ended';) {
      const rest = bytes.subarray(at);
      at += 'left' in this.#state ? this.#takeContent(rest, this.#state) : this.#takeBlock(rest);
    }
  }

  /** Call it after the last piece. @throws ArchiveError it ends in the middle, or had no entry */
  end(): void {
    if (this.#state.kind !== 'ended' && (this.#state.kind !== 'header' || this.#partial.length > 0))
      throw new ArchiveError('ends in the middle of a file: the archive in it is cut short');
    if (this.#entries === 0) throw new ArchiveError('is an archive without any file');
  }

  /** @returns how many bytes of the piece it took */
  #takeContent(chunk: Buffer, current: Extract<State, { left: number }>): number {
    const taken = Math.min(current.left, chunk.length);
    current.left -= taken;
    this.#offset += taken;
    if (current.kind === 'collect') {
      const wanted = Math.min(current.wanted - current.gotBytes, taken);
      if (wanted > 0) current.got.push(Buffer.from(chunk.subarray(0, wanted)));
      current.gotBytes += wanted;
    }
    if (current.left > 0) return taken;
    this.#state = { kind: 'header' };
    if (current.kind === 'collect') current.done(Buffer.concat(current.got));
    return taken;
  }

  /** @returns how many bytes of the piece it took */
  #takeBlock(chunk: Buffer): number {
    if (this.#partial.length === 0 && chunk.length >= blockBytes) {
      this.#readBlock(chunk.subarray(0, blockBytes));
      return blockBytes;
    }
    const taken = Math.min(blockBytes - this.#partial.length, chunk.length);
    this.#partial = Buffer.concat([this.#partial, chunk.subarray(0, taken)]);
    if (this.#partial.length < blockBytes) return taken;
    const block = this.#partial;
    this.#partial = Buffer.alloc(0);
    this.#readBlock(block);
    return taken;
  }

  #readBlock(block: Buffer): void {
    if (this.#state.kind !== 'holes') this.#readHeader(block);
    else if (block[sparseMoreInNextAt] !== 1) this.#state = this.#afterHoles;
    this.#offset += blockBytes;
  }

  #readHeader(block: Buffer): void {
    // Without its whole name a file whose first hundred characters end in a slash would be taken for a directory.
    const { path } = this.#extension;
    const header = new Header(block, 0, path === undefined ? undefined : { path });
    if (header.nullBlock) {
      this.#emptyBlocks += 1;
      if (this.#emptyBlocks === 2) this.#state = { kind: 'ended' };
      return;
    }
    this.#emptyBlocks = 0;
    if (!header.cksumValid)
      throw new ArchiveError(`is damaged: there is no tar header at its unpacked byte ${this.#offset}`);
    if (extensionTypes.has(header.type)) this.#readExtension(header);
    else this.#readEntry(header, block);
  }

  #readExtension({ type, size = 0 }: Header): void {
    if (size > longestExtension) {
      this.#state = skip(size);
      return;
    }
    this.#state = collect(size, size, (body) => (this.#extension = extended(this.#extension, type, body)));
  }

  #readEntry(header: Header, block: Buffer): void {
    const entry = entryOf(header, this.#extension);
    requireShortPaths(entry);
    this.#entries += 1;
    this.#extension = {};
    const wanted = Math.min(this.#visitor.entry(entry), entry.bytes);
    const next =
      wanted === 0 ? skip(entry.bytes) : collect(entry.bytes, wanted, (head) => this.#visitor.content(entry, head));
    const hasMoreHoles = header.type === 'SparseFile' && block[sparseMoreAt] === 1;
    this.#state = hasMoreHoles ? { kind: 'holes' } : next;
    this.#afterHoles = next;
  }
}

function entryOf(header: Header, given: Extension): TarEntry {
  const { path = '', linkpath = '', size = 0, mode = 0, uid = 0, gid = 0 } = header;
  const written = { path, target: linkpath, bytes: size, ...given };
  const type = entryTypes[header.type] ?? 'other';
  // GNU tar writes no content for links, whatever their size says, but a list of names for a directory of an incremental archive.
  const hasContent = type === 'file' || type === 'other' || header.type === 'GNUDumpDir';
  return { ...written, type, mode, uid, gid, bytes: hasContent ? written.bytes : 0 };
}

/** @throws ArchiveError tar could not unpack it */
function requireShortPaths({ type, path, target }: TarEntry): void {
  requireShort('a name', path);
  if (type === 'symlink' || type === 'hardlink') requireShort('a target of a link', target);
}

function requireShort(what: string, path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= longestPath) return;
  const start = JSON.stringify(path.slice(0, 40));
  throw new ArchiveError(`has ${what} of ${bytes} bytes, which begins with ${start}; Linux allows ${longestPath}`);
}

function skip(size: number): State {
  return size > 0 ? { kind: 'skip', left: padded(size) } : { kind: 'header' };
}

function collect(size: number, wanted: number, done: (body: Buffer) => void): State {
  if (size > 0) return { kind: 'collect', wanted, got: [], gotBytes: 0, left: padded(size), done };
  done(Buffer.alloc(0));
  return { kind: 'header' };
}

function padded(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

function extended(extension: Extension, type: string, body: Buffer): Extension {
  switch (type) {
    case 'NextFileHasLongPath':
    case 'OldGnuLongPath':
      return { ...extension, path: upToZero(body) };
    case 'NextFileHasLongLinkpath':
      return { ...extension, target: upToZero(body) };
    case 'ExtendedHeader':
    case 'OldExtendedHeader':
      return { ...extension, ...fromPax(parsePaxRecords(body)) };
    default:
      // A global header says nothing about names and sizes of single files.
      return extension;
  }
}

/** GNU tar keeps the name of a sparse file in a record of its own. */
function fromPax(records: ReadonlyMap<string, string>): Extension {
  const path = records.get('GNU.sparse.name') ?? records.get('path');
  const target = records.get('linkpath');
  const bytes = Number(records.get('size') ?? NaN);
  return {
    ...(path === undefined ? {} : { path }),
    ...(target === undefined ? {} : { target }),
    ...(Number.isSafeInteger(bytes) && bytes >= 0 ? { bytes } : {}),
  };
}

function upToZero(body: Buffer): string {
  const end = body.indexOf(0);
  return body.toString('utf8', 0, end === -1 ? body.length : end);
}
