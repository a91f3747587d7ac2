import { InputError } from '../../kit/errors.ts';
import type { PaxRecord } from './decide/tar-header.ts';
import { blockBytes, paddedBytes, parsePaxBody, parseTarHeader } from './decide/tar-header.ts';

export type MemberType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'node';

/** An entry of a layer, with what is needed to write it again. Names are byte strings. */
export interface LayerMember {
  /** As it is written. */
  path: string;
  type: MemberType;
  /** Of links. */
  target: string;
  header: Buffer;
  /** The blocks of GNU's map of holes. */
  holes: Buffer;
  records: PaxRecord[];
  /** The content as it is in the archive, with what fills its last block; to be read before the next member is asked for, or not at all. */
  content: AsyncIterable<Buffer>;
}

/** Of a header that extends the next one: extended attributes have 64 KiB at most each. */
const longestExtension = 2 ** 20;
/** Of an entry's map of holes: for 340,000 of them. */
const longestMap = 8 * 2 ** 20;
/** GNU tar, "Basic Tar Format", struct oldgnu_header and sparse_header: whether another block of the map of holes follows. */
const [sparseMoreAt, sparseMoreInNextAt] = [482, 504];
const memberTypes: Partial<Record<string, MemberType>> = {
  ...{ '0': 'file', '\0': 'file', '7': 'file', S: 'file' },
  ...{ '1': 'hardlink', '2': 'symlink', '3': 'node', '4': 'node', '5': 'directory', '6': 'node' },
};

/** Reads a layer's archive piece by piece, all of it also when something follows its end.
 * @throws InputError it is no archive, ends in the middle, or has an entry of no known type */
export async function* readLayer(chunks: AsyncIterable<Buffer>): AsyncGenerator<LayerMember> {
  const blocks = new Blocks(chunks);
  try {
    yield* readMembers(blocks);
    await blocks.drain();
  } finally {
    await blocks.close();
  }
}

async function* readMembers(blocks: Blocks): AsyncGenerator<LayerMember> {
  let extension: Extension = { records: [] };
  for (let empty = 0; empty < 2;) {
    const header = await blocks.take(blockBytes);
    if (header === undefined) return;
    empty = header.every((byte) => byte === 0) ? empty + 1 : 0;
    if (empty > 0) continue;
    const parsed = parseTarHeader(header);
    if ('xXgLKN'.includes(parsed.typeflag)) {
      extension = extended(extension, parsed.typeflag, await takeExtension(blocks, parsed.bytes));
      continue;
    }
    const { records, path = parsed.path, target = parsed.target, bytes = parsed.bytes } = extension;
    const type = typeOf(parsed.typeflag, path);
    const holes = parsed.typeflag === 'S' ? await takeHoles(blocks, header) : Buffer.alloc(0);
    const content = blocks.pass(paddedBytes(type === 'file' ? bytes : 0));
    yield { path, type, target, header, holes, records, content };
    await drain(content);
    extension = { records: [] };
  }
}

function typeOf(typeflag: string, path: string): MemberType {
  const type = memberTypes[typeflag];
  if (type === undefined) throw new InputError(`has an entry of the unknown type ${JSON.stringify(typeflag)}`);
  // The oldest format has no type for directories.
  return type === 'file' && path.endsWith('/') ? 'directory' : type;
}

/** What is said before a header. */
interface Extension {
  records: PaxRecord[];
  path?: string;
  target?: string;
  bytes?: number;
}

async function takeExtension(blocks: Blocks, bytes: number): Promise<Buffer> {
  if (bytes > longestExtension) throw new InputError(`has an extended header of ${bytes} bytes`);
  const body = await blocks.take(paddedBytes(bytes));
  if (body === undefined) throw cutShort();
  return body.subarray(0, bytes);
}

function extended(extension: Extension, typeflag: string, body: Buffer): Extension {
  const text = body.toString('latin1').replace(/\0.*$/s, '');
  switch (typeflag) {
    case 'g':
      // A global header says nothing of single files.
      return extension;
    case 'L':
    case 'N':
      return { ...extension, path: text };
    case 'K':
      return { ...extension, target: text, records: withLinkPath(extension.records, text) };
    default:
      return fromPax(extension, parsePaxBody(body));
  }
}

function fromPax(before: Extension, records: PaxRecord[]): Extension {
  const value = (key: string): string | undefined => records.findLast((record) => record.key === key)?.value;
  const path = value('GNU.sparse.name') ?? value('path') ?? before.path;
  const target = value('linkpath') ?? before.target;
  const size = value('size');
  return {
    records: target === undefined ? records : withLinkPath(records, target),
    ...(path === undefined ? {} : { path }),
    ...(target === undefined ? {} : { target }),
    ...(size === undefined ? {} : { bytes: parseSize(size) }),
  };
}

function parseSize(text: string): number {
  const bytes = Number(text);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new InputError('is damaged: the size of an entry is no number');
}

/** A target that was in a header of its own is written as a record. */
function withLinkPath(records: readonly PaxRecord[], value: string): PaxRecord[] {
  return [...records.filter(({ key }) => key !== 'linkpath'), { key: 'linkpath', value }];
}

async function takeHoles(blocks: Blocks, header: Buffer): Promise<Buffer> {
  const holes: Buffer[] = [];
  for (let more = header[sparseMoreAt] === 1; more;) {
    const block = await blocks.take(blockBytes);
    if (block === undefined) throw cutShort();
    holes.push(block);
    if (holes.length * blockBytes > longestMap)
      throw new InputError(`has an entry whose map of holes has more than ${longestMap} bytes`);
    more = block[sparseMoreInNextAt] === 1;
  }
  return Buffer.concat(holes);
}

/** Passes over what is left. */
async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

function cutShort(): InputError {
  return new InputError('ends in the middle of an entry');
}

/** Bytes that come in pieces of any length. */
class Blocks {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So many bytes, in memory of their own; undefined at the end. @throws InputError fewer are left */
  async take(bytes: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) {
        if (parts.length === 0) return undefined;
        throw cutShort();
      }
      const part = this.#rest.subarray(0, missing);
      parts.push(part);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Passes so many bytes on. @throws InputError fewer are left */
  async *pass(bytes: number): AsyncGenerator<Buffer> {
    for (let missing = bytes; missing > 0;) {
      if (this.#rest.length === 0 && !(await this.#more())) throw cutShort();
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  async drain(): Promise<void> {
    while (await this.#more());
  }

  /** Nobody reads on. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = next.value;
    return true;
  }
}
