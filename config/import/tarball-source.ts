import { createReadStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { PassThrough, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { CommandError } from '../host/run.ts';
import { InputError } from '../kit/errors.ts';
import type { Packing } from '../kit/packing.ts';
import { contentName, packingBytes, packingOf } from '../kit/packing.ts';
import { showValue } from '../kit/text.ts';
import { lookedAt } from './decide/looked-at.ts';
import { missingContents } from './decide/missing-contents.ts';
import type { Progress } from './progress.ts';
import type { RootSource } from './root-source.ts';
import { allEnded, feed, startStreamProgram } from './stream-program.ts';
import { SystemTree } from './system-tree.ts';

/** Their output is the archive. zstd reads what was packed with any window. */
export const unpackers: Readonly<Record<Exclude<Packing, 'tar'>, readonly [string, ...string[]]>> = {
  gzip: ['gzip', '-dc'],
  zstd: ['zstd', '-dcq', '--long=31'],
  xz: ['xz', '-dc', '-T0'],
  bzip2: ['bzip2', '-dc'],
};

/** An archive that can be read again and again. */
export interface Archive {
  /** For messages. */
  name: string;
  packing: Packing;
  /** As it lies there. */
  bytes: number;
  /** Starts to unpack. @param advance receives how many bytes of it were read */
  open(options: { advance: (bytes: number) => void; signal: AbortSignal }): Unpacking;
}

/** @property ended rejects when the archive cannot be read to its end */
interface Unpacking {
  archive: Readable;
  ended: Promise<void>;
}

/** A file that is an archive. @throws the file system's error */
export async function archiveFile(file: string, packing: Packing): Promise<Archive> {
  const { size } = await stat(file);
  return { name: file, packing, bytes: size, open: (options) => unpack(file, packing, options) };
}

/** A root file system in an archive. It is packed again as it is, so owners, xattrs, ACLs and labels are those it has.
 * @param folder for the few files that an import looks at
 * @throws InputError it is damaged, or no archive; CommandError it was interrupted */
export async function openArchive(
  archive: Archive,
  folder: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<RootSource> {
  await mkdir(folder, { recursive: true });
  const { tarBytes, missing } = await progress.follow('look through the archive', archive.bytes, (advance) =>
    lookThrough(archive, folder, { advance, signal }),
  );
  if (missing.length > 0) {
    const names = `${folder}.names`;
    await writeFile(names, missing.join('\0'), 'latin1');
    await progress.follow('look for what hard links lead to', archive.bytes, (advance) =>
      lookThrough(archive, folder, { advance, signal, names }),
    );
  }
  return {
    system: new SystemTree([{ at: '/', directory: folder }]),
    tarBytes,
    partitions: [],
    async writeTar(destination, { advance, signal: abort }) {
      const { archive: unpacked, ended } = archive.open({ advance: () => undefined, signal: abort });
      await allEnded([pass(unpacked, new Counter(advance), destination, abort), ended]);
      destination.end();
    },
  };
}

function unpack(
  file: string,
  packing: Packing,
  { advance, signal }: { advance: (bytes: number) => void; signal: AbortSignal },
): Unpacking {
  const input = createReadStream(file, { highWaterMark: 1024 * 1024 });
  const counter = new Counter(advance);
  if (packing === 'tar') {
    const archive = new PassThrough();
    return { archive, ended: pipeline(input, counter, archive, { signal }) };
  }
  const [program, ...args] = unpackers[packing];
  const unpacker = startStreamProgram(program, args, { signal });
  const damaged = unpacker.ended.catch((cause: unknown) => {
    if (signal.aborted || !(cause instanceof CommandError) || cause.exitCode === undefined) throw cause;
    throw new InputError(`read "${file}": its ${packing} data is damaged or cut short; get it again`, { cause });
  });
  const fed = pass(input, counter, unpacker.stdin, signal).then(() => unpacker.stdin.end());
  return { archive: unpacker.stdout, ended: allEnded([damaged, fed]) };
}

function pass(from: Readable, counter: Counter, stdin: Writable, signal: AbortSignal): Promise<void> {
  return pipeline(from, counter, (chunks: AsyncIterable<Buffer>) => feed(chunks, stdin), { signal });
}

/** Unpacks the wanted files only.
 * @param options.names a file with names that are wanted too, each as it is in the archive, with a zero between them
 * @returns the length of the archive, and names that hard links lead to and that are not wanted */
async function lookThrough(
  { name: file, packing, open }: Archive,
  folder: string,
  options: { advance: (bytes: number) => void; signal: AbortSignal; names?: string },
): Promise<{ tarBytes: number; missing: string[] }> {
  const { archive, ended } = open(options);
  let tarBytes = 0;
  let missing: string[] = [];
  const head = new Head((count) => (tarBytes += count));
  const patterns = lookedAt.flatMap((path) => [path, `./${path}`]);
  const select = ['--extract', '--file=-', `--directory=${folder}`, '--no-same-owner', '--no-same-permissions'];
  const matching = ['--wildcards', '--no-recursion', '--anchored', '--delay-directory-restore', '--warning=none'];
  const { names } = options;
  // Nobody knows what is in them: without --null a name that begins with a dash is an option.
  const more = names === undefined ? [] : ['--no-wildcards', '--no-unquote', '--null', `--files-from=${names}`];
  const tar = startStreamProgram('tar', [...select, ...matching, ...patterns, ...more], { signal: options.signal });
  tar.stdout.resume();
  const extracted = tar.ended.catch((cause: unknown) => {
    if (options.signal.aborted || !(cause instanceof CommandError) || cause.exitCode === undefined) throw cause;
    const { file: program, exitCode } = cause;
    missing = missingContents(cause.stderr);
    const stderr = complaintsOf(cause.stderr).join('\n');
    if (exitCode === alwaysWithPatterns && stderr === '') return;
    throw new CommandError({ file: program, args: select, exitCode, stderr }, `exited with ${exitCode}`, undefined);
  });
  try {
    const fed = pass(archive, head, tar.stdin, options.signal).finally(() => tar.stdin.end());
    await allEnded([fed, ended, extracted]);
  } catch (cause) {
    if (options.signal.aborted || cause instanceof InputError) throw cause;
    requireArchive(file, packing, head.bytes);
    throw new InputError(`read "${file}": tar cannot read it as an archive of a root file system; is it damaged?`, {
      cause,
    });
  }
  requireArchive(file, packing, head.bytes);
  return { tarBytes, missing };
}

/** tar's status when it did not find all names, which is always so: GNU tar manual, "Return codes". */
const alwaysWithPatterns = 2;
/** What tar also prints of a good archive: names that the archive has not got; hard links to files that are not looked at; and what
 * `--warning=none` does not silence (GNU tar, src/names.c and src/list.c). */
const harmless = [
  /: Not found in archive$/,
  /: Cannot hard link to .*: No such file or directory$/,
  /: Exiting with failure status due to previous errors$/,
  /^tar: Removing leading /,
  /^tar: Substituting .* for empty /,
  /^tar: Archive contains obsolescent base-64 headers$/,
];

/** Lines that tell of damage, or of a disk that is full. */
function complaintsOf(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !harmless.some((pattern) => pattern.test(line)));
}

function requireArchive(file: string, packing: Packing, head: Uint8Array): void {
  if (packingOf(head) === 'tar') return;
  const is = head.every((byte) => byte === 0) ? 'begins with zeros, as a disk does' : `is ${contentName(head)}`;
  throw new InputError(
    `read "${file}": what is packed in it with ${packing} is no archive (it ${is}); if it is a disk image, unpack it and import that`,
  );
}

/** The name of the first member, for a message about an archive that holds no system. */
export async function firstMember(file: string, packing: Packing): Promise<string> {
  const abort = new AbortController();
  const { archive, ended } = unpack(file, packing, { advance: () => undefined, signal: abort.signal });
  ended.catch(() => undefined);
  for await (const chunk of archive) {
    abort.abort();
    return showValue((chunk as Buffer).subarray(0, 100).toString('utf8').replace(/\0.*$/s, ''));
  }
  return '""';
}

/** Passes on and counts. */
class Counter extends Transform {
  readonly #count: (bytes: number) => void;

  constructor(count: (bytes: number) => void) {
    super({ highWaterMark: 1024 * 1024 });
    this.#count = count;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#count(chunk.length);
    done(null, chunk);
  }
}

/** Keeps the first bytes too. */
class Head extends Counter {
  bytes = Buffer.alloc(0);

  override _transform(chunk: Buffer, encoding: string, done: TransformCallback): void {
    if (this.bytes.length < packingBytes) {
      this.bytes = Buffer.concat([this.bytes, chunk.subarray(0, packingBytes - this.bytes.length)]);
    }
    super._transform(chunk, encoding, done);
  }
}
