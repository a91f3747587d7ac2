import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import type { Gunzip, ZstdDecompress } from 'node:zlib';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';

import { describeError } from '@pxeboot/config/kit/errors';

import {
  headerBytes,
  isInit,
  isSystemImage,
  magicBytes,
  moduleIn,
  nameOf,
  parseHeader,
  partKind,
  trailer,
} from './parse/format.ts';

/** The kernel cannot unpack all of an initramfs. */
export class DamagedInitramfsError extends Error {
  override readonly name = 'DamagedInitramfsError';
}

/** It cannot be said what an initramfs holds. */
export class UnreadableInitramfsError extends Error {
  override readonly name = 'UnreadableInitramfsError';
}

/** 32 MiB, four times what "zstd -19" takes: what --ultra and --long pack can take more than a small machine has. */
const zstdParameters = { [constants.ZSTD_d_windowLogMax]: 25 };

/** Those of these modules that an initramfs has not got for a kernel. All of it is read, so that one that is cut short is found
 * out; memory does not grow with it.
 * @throws DamagedInitramfsError @throws UnreadableInitramfsError it is packed in a way that cannot be unpacked here */
export async function missingModules(path: string, release: string, wanted: readonly string[]): Promise<string[]> {
  const missing = new Set(wanted);
  const file = createReadStream(path);
  let [image, hasInit] = ['', false];
  try {
    for await (const entry of entriesOf(new ByteReader(file))) {
      missing.delete(moduleIn(entry, release) ?? '');
      if (isSystemImage(entry)) image = entry;
      hasInit ||= isInit(entry);
    }
  } catch (cause) {
    if (cause instanceof UnreadableInitramfsError) throw cause;
    if (cause instanceof NoArchiveError && hasInit && missing.size === 0) {
      throw new UnreadableInitramfsError(`behind what it needs ${cause.message}`, { cause });
    }
    throw new DamagedInitramfsError(describeError(cause), { cause });
  } finally {
    file.destroy();
  }
  if (missing.size > 0 && image !== '') {
    throw new UnreadableInitramfsError(
      `it holds "${image}", which is not looked into, and lacks "${[...missing].join('", "')}"`,
    );
  }
  return [...missing];
}

/** The kernel unpacks what comes before such a part, says this, and starts what it has; a configuration of the kernel itself may be there.
 * @see Linux, Documentation/admin-guide/bootconfig.rst */
class NoArchiveError extends Error {
  override readonly name = 'NoArchiveError';
}

/** The names in all archives of an initramfs: the last may be compressed, zeros may lie between them. */
async function* entriesOf(bytes: ByteReader): AsyncGenerator<string> {
  while (await bytes.skipZeros()) {
    const magic = await bytes.peek(magicBytes);
    const kind = partKind(magic);
    if (kind === undefined) {
      throw new NoArchiveError(`a part of it begins with 0x${magic.toString('hex')}, which is no archive`);
    }
    if (kind === 'archive') yield* archiveEntries(bytes);
    else {
      yield* unpackedEntries(decompress(bytes, kind));
      return;
    }
  }
}

/** Nothing in it is unpacked again, nor does the kernel do that: there are files that unpack to themselves. */
async function* unpackedEntries(unpacked: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const bytes = new ByteReader(unpacked);
  while (await bytes.skipZeros()) yield* archiveEntries(bytes);
}

async function* archiveEntries(bytes: ByteReader): AsyncGenerator<string> {
  for (;;) {
    const { nameBytes, restBytes } = parseHeader(await bytes.read(headerBytes));
    const name = nameOf(await bytes.read(nameBytes));
    await bytes.skip(restBytes);
    if (name === trailer) return;
    yield name;
  }
}

/** What one compressed part holds. What lies behind it the decompressors of Node.js unpack in part, or not at all.
 * @throws UnreadableInitramfsError something else follows */
async function* decompress(bytes: ByteReader, compression: string): AsyncGenerator<Buffer> {
  const decompressor = decompressorOf(compression);
  // What goes wrong comes out of the decompressor, as an error of reading from it.
  pipeline(Readable.from(bytes.rest()), decompressor, () => undefined);
  try {
    for await (const chunk of decompressor) yield chunk as Buffer;
  } catch (cause) {
    const reason = unreadable.get(cause instanceof Error ? cause.message : '');
    if (reason === undefined) throw cause;
    throw new UnreadableInitramfsError(reason, { cause });
  }
  if (decompressor.bytesWritten < bytes.given) throw new UnreadableInitramfsError(moreFollows);
}

function decompressorOf(compression: string): Gunzip | ZstdDecompress {
  if (compression === 'gzip') return createGunzip();
  if (compression === 'zstd') return createZstdDecompress({ params: zstdParameters });
  throw new UnreadableInitramfsError(`it is packed with ${compression}, and not with gzip or zstd`);
}

const moreFollows = 'something follows behind what is compressed';
/** By the words of zlib and zstd; their codes say less. */
const unreadable: ReadonlyMap<string, string> = new Map([
  ['Frame requires too much memory for decoding', 'to unpack it takes more memory than a small machine can spare'],
  ['Unknown frame descriptor', moreFollows],
  ['incorrect header check', moreFollows],
]);

/** Takes a stream apart in pieces of given lengths. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  /** How many bytes of the rest have been taken. */
  given = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next bytes, which stay; fewer at the end. */
  async peek(count: number): Promise<Buffer> {
    while (this.#held.length < count && (await this.#more()));
    return this.#held.subarray(0, count);
  }

  /** @throws Error it ends before */
  async read(count: number): Promise<Buffer> {
    const piece = await this.peek(count);
    if (piece.length < count) throw new Error('it ends in the middle of an archive');
    this.#held = this.#held.subarray(count);
    return piece;
  }

  /** @throws Error it ends before */
  async skip(count: number): Promise<void> {
    let left = count;
    while (left > this.#held.length) {
      left -= this.#held.length;
      this.#held = Buffer.alloc(0);
      if (!(await this.#more())) throw new Error('it ends in the middle of an archive');
    }
    this.#held = this.#held.subarray(left);
  }

  /** True when something else follows. */
  async skipZeros(): Promise<boolean> {
    do {
      const index = this.#held.findIndex((byte) => byte !== 0);
      this.#held = index < 0 ? Buffer.alloc(0) : this.#held.subarray(index);
    } while (this.#held.length === 0 && (await this.#more()));
    return this.#held.length > 0;
  }

  /** Everything that is left. @see given */
  async *rest(): AsyncGenerator<Buffer> {
    do {
      this.given += this.#held.length;
      yield this.#held;
      this.#held = Buffer.alloc(0);
    } while (await this.#more());
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    return true;
  }
}
