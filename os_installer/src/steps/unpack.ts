import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HostError, InputError, isErrno } from '@pxeboot/config/kit/errors';
import type { Packing } from '@pxeboot/config/kit/packing';
import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Context, Site } from '../context.ts';
import { requireChecksum } from '../plan/checksums.ts';
import { decompressorFor } from '../plan/decompressor.ts';
import type { Command } from './shared/command.ts';
import { commandLines, seconds } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { fetchAgain } from './shared/hints.ts';

export interface Unpack {
  url: string;
  packing: Packing;
  /** Length of the tarball. */
  bytes: number;
  sha256?: string;
}

/** Unpacks the root file system's tarball. */
export const unpack: StepDefinition<Unpack> = {
  plan: ({ config, sources, sums }) => ({
    url: config.rootfs_url,
    packing: sources.packing,
    bytes: sources.rootfsBytes,
    ...(sums.rootfs === undefined ? {} : { sha256: sums.rootfs }),
  }),

  describe: ({ url }) => `unpack ${url}`,
  lines: (step, site) => [[`fetch ${step.url}`, ...commandLines(commandsOf(step, site))].join(' | ')],
  hints: ({ url }, root) => [fetchAgain(url), quoteCommand('e2fsck', ['-n', root])],
  run: streamIntoTar,
};

/** GNU tar: owners by number, all extended attributes (file capabilities among them) and ACLs. */
const tarArgs = [
  ...['-x', '-p', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls'],
  // It would say so of each file: of a tarball of bsdtar, or on a machine whose clock is behind.
  ...['--warning=no-timestamp', '--warning=no-unknown-keyword', '-f', '-'],
];

/** What the data goes through, in order. No time limit: how long it takes is the network's affair. */
function commandsOf({ packing }: Unpack, { target }: Site): Record<string, Command> {
  const decompressor = decompressorFor(packing);
  return {
    ...(decompressor === undefined ? {} : { decompress: { ...decompressor, timeoutMs: Infinity } }),
    extract: { file: 'tar', args: [...tarArgs, '-C', target], timeoutMs: Infinity },
  };
}

/** Bytes of what a program says that go into an error. */
const mostSaid = 4_000;

/** How a child ended, with what it said. */
interface Ending {
  name: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

/** Streams the tarball from the server through the decompressor into tar: nothing is stored in between, and memory does
 * not grow with the image. The data goes from program to program through pipes of the kernel.
 * @throws InputError the tarball is corrupt or short
 * @throws HostError the network or the disk failed */
async function streamIntoTar(step: Unpack, context: Context): Promise<void> {
  const { log, run, site } = context;
  const directory = await mkdtemp(join(tmpdir(), 'unpack-'));
  try {
    const { entrance, children } = await startPrograms(Object.values(commandsOf(step, site)), directory, run);
    const source = await feed(step, entrance, context);
    if (source.error !== undefined && !isBrokenPipe(source.error)) children.at(-1)?.child.kill('SIGKILL');
    const endings = await Promise.all(children.map(({ ending }) => ending));
    const failure = judge(step, endings, source.error);
    if (failure !== undefined) throw failure;
    requireLength(step, source.bytes);
    if (source.sha256 !== undefined) requireChecksum(step.url, step.sha256, source.sha256);
    log.info('unpacked', { bytes: source.bytes, sha256: source.sha256 });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Started {
  /** Where the data goes in. */
  entrance: FileHandle;
  children: { child: ChildProcess; ending: Promise<Ending> }[];
}

/** Starts programs, each with a pipe of the kernel to read from, into which the one before it writes. What they say goes to files: while the
 * first pipe is full nobody here would read it, and a program that cannot go on talking stops. */
async function startPrograms(commands: readonly Command[], directory: string, run: Context['run']): Promise<Started> {
  const pipes: Pipe[] = [];
  for (const index of commands.keys()) pipes.push(await makePipe(join(directory, `pipe-${index}`), run));
  const [first, ...others] = pipes;
  if (first === undefined) throw new Error('start programs: there is none');
  const said = await Promise.all(commands.map((_, index) => open(join(directory, `said-${index}`), 'w+')));
  const children = commands.map(({ file, args }, index) => {
    const stdio: StdioOptions = [pipes[index]?.out.fd, pipes[index + 1]?.in.fd ?? 'ignore', said[index]?.fd];
    const child = spawn(file, args, { stdio });
    return { child, ending: watch(file, child, join(directory, `said-${index}`)) };
  });
  await Promise.all([...pipes.map((pipe) => pipe.out.close()), ...others.map((pipe) => pipe.in.close())]);
  await Promise.all(said.map((file) => file.close()));
  return { entrance: first.in, children };
}

/** The two ends of a pipe: what is written into one comes out of the other. */
interface Pipe {
  in: FileHandle;
  out: FileHandle;
}

async function makePipe(path: string, run: Context['run']): Promise<Pipe> {
  await run({ file: 'mknod', args: [path, 'p'], timeoutMs: 10 * seconds, unlogged: true });
  // Each open waits for the other.
  const [writeEnd, readEnd] = await Promise.all([open(path, 'w'), open(path, 'r')]);
  return { in: writeEnd, out: readEnd };
}

interface Fed {
  bytes: number;
  /** Only where there is one to compare it with. */
  sha256?: string;
  error?: unknown;
}

/** Sends the tarball into the decompressor, counting, and hashing where a sum is expected: without hardware for it, as in an
 * emulated machine, SHA-256 takes a quarter of the time of the whole step, and the compression has a check of its own.
 * The pipe is written to synchronously: while it is full there is nothing else to do, the kernel goes on receiving, and
 * streams in between were found to double this program's share of the time.
 * Never throws, so that the children are judged too. */
async function feed(step: Unpack, pipe: FileHandle, { read, progress }: Context): Promise<Fed> {
  const hash = step.sha256 === undefined ? undefined : createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of read(step.url)) {
      hash?.update(chunk);
      bytes += chunk.length;
      progress(bytes, step.bytes);
      writeWhole(pipe.fd, chunk);
    }
    return { bytes, ...(hash === undefined ? {} : { sha256: hash.digest('hex') }) };
  } catch (error) {
    return { bytes, error };
  } finally {
    await pipe.close();
  }
}

function writeWhole(fd: number, chunk: Uint8Array): void {
  for (let offset = 0; offset < chunk.length;) offset += writeSync(fd, chunk, offset);
}

/** What was checked of the tarball before, its size above all, was about another file. */
function requireLength({ url, bytes }: Unpack, found: number): void {
  if (found === bytes) return;
  throw new InputError(
    `unpack ${url}: it has ${found} bytes and had ${bytes} when the installation was planned: it was replaced meanwhile; ` +
      'start the installation again',
  );
}

/** Called as soon as it was started: that it could not be is told at once.
 * @param said file of what it says */
async function watch(name: string, child: ChildProcess, said: string): Promise<Ending> {
  const ended = await new Promise<Omit<Ending, 'stderr'> & { error?: string }>((resolve) => {
    child.once('error', (error) => resolve({ name, code: -1, signal: null, error: error.message }));
    child.once('close', (code, signal) => resolve({ name, code, signal }));
  });
  return { ...ended, stderr: ended.error ?? (await beginningOf(said)) };
}

async function beginningOf(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(mostSaid), 0, mostSaid, 0);
  return buffer.toString('utf8', 0, bytesRead).trim();
}

/** Names the one that failed first: the network, else the program that did not end because of the other. */
function judge({ url, packing }: Unpack, endings: readonly Ending[], sourceError: unknown): Error | undefined {
  if (sourceError !== undefined && !isBrokenPipe(sourceError)) {
    return sourceError instanceof Error ? sourceError : new HostError(`unpack ${url}`, { cause: sourceError });
  }
  const failed = endings.filter(({ code }) => code !== 0);
  const culprit = failed.find(({ signal }) => signal !== 'SIGPIPE') ?? failed[0];
  if (culprit === undefined) {
    return sourceError === undefined ? undefined : new HostError(`unpack ${url}`, { cause: sourceError });
  }
  const how = culprit.signal === null ? `exited with ${culprit.code ?? 'nothing'}` : `ended by ${culprit.signal}`;
  const message = `unpack ${url}: ${culprit.name} ${how}: ${JSON.stringify(culprit.stderr)}`;
  if (culprit.signal === 'SIGKILL') return new HostError(`${message}; has the memory run out? Give the VM more`);
  if (culprit.name === 'tar' && !isTarFault(culprit.stderr)) return new HostError(message);
  return new InputError(`${message}; ${adviceFor(packing, culprit.stderr)}`);
}

/** In the words of GNU tar, the same in each language that the initrd has: the archive is what it cannot go on with. */
function isTarFault(stderr: string): boolean {
  return /does not look like a tar archive|Unexpected EOF in archive|Skipping to next header/.test(stderr);
}

/** What to do about an archive, by what the program that reads it says. */
function adviceFor(packing: Packing, stderr: string): string {
  if (/trailing garbage/.test(stderr)) {
    return `something follows what is packed with ${packing}: was another file appended? Fetch the image again`;
  }
  if (/requires too much memory|Memory usage limit reached|Cannot allocate memory/.test(stderr)) {
    return 'unpacking it takes more memory than is given: pack it with a smaller window or level';
  }
  return 'the tarball is corrupt or cut short, fetch the image again';
}

/** The decompressor has ended before it had everything: why, its own words tell. */
function isBrokenPipe(error: unknown): boolean {
  return isErrno(error, 'EPIPE');
}
