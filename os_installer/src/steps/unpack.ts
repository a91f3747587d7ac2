import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HostError, InputError, isErrno } from '@pxeboot/config/kit/errors';
import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Context, Site } from '../context.ts';
import { requireChecksum } from '../plan/checksums.ts';
import type { Decompressor } from '../plan/decompressor.ts';
import { decompressorFor } from '../plan/decompressor.ts';
import type { Command } from './shared/command.ts';
import { commandLines, seconds } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { fetchAgain } from './shared/hints.ts';

export interface Unpack {
  url: string;
  decompressor: Decompressor;
  /** Length of the tarball. */
  bytes: number;
  sha256?: string;
}

/** Unpacks the root file system's tarball. */
export const unpack: StepDefinition<Unpack> = {
  plan: ({ config, sources, sums }) => ({
    url: config.rootfs_url,
    decompressor: decompressorFor(config.rootfs_url),
    bytes: sources.rootfsBytes,
    ...(sums.rootfs === undefined ? {} : { sha256: sums.rootfs }),
  }),

  describe: ({ url }) => `unpack ${url}`,
  lines: (step, site) => [[`fetch ${step.url}`, ...commandLines(commandsOf(step, site))].join(' | ')],
  hints: ({ url }, root) => [fetchAgain(url), quoteCommand('e2fsck', ['-n', root])],
  run: streamIntoTar,
};

/** GNU tar: owners by number, all extended attributes (file capabilities among them) and ACLs. */
const tarArgs = ['-x', '-p', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls', '-f', '-'];

/** No time limit: how long it takes is the network's affair. */
function commandsOf({ decompressor }: Unpack, { target }: Site): Record<'decompress' | 'extract', Command> {
  return {
    decompress: { file: decompressor, args: ['-d', '-c'], timeoutMs: Infinity },
    extract: { file: 'tar', args: [...tarArgs, '-C', target], timeoutMs: Infinity },
  };
}

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
    const [packed, unpacked] = [
      await makePipe(join(directory, 'packed'), run),
      await makePipe(join(directory, 'unpacked'), run),
    ];
    const { decompress, extract } = commandsOf(step, site);
    const decompressor = spawn(decompress.file, decompress.args, { stdio: [packed.out.fd, unpacked.in.fd, 'pipe'] });
    const tar = spawn(extract.file, extract.args, { stdio: [unpacked.out.fd, 'ignore', 'pipe'] });
    const endings = Promise.all([watch(step.decompressor, decompressor), watch('tar', tar)]);
    await Promise.all([packed.out.close(), unpacked.in.close(), unpacked.out.close()]);

    const source = await feed(step, packed.in, context);
    if (source.error !== undefined && !isBrokenPipe(source.error)) tar.kill('SIGKILL');
    const failure = judge(step.url, await endings, source.error);
    if (failure !== undefined) throw failure;
    requireLength(step, source.bytes);
    if (source.sha256 !== undefined) requireChecksum(step.url, step.sha256, source.sha256);
    log.info('unpacked', { bytes: source.bytes, sha256: source.sha256 });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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

async function watch(name: string, child: ChildProcess): Promise<Ending> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < 4000) stderr += chunk.toString('utf8');
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ name, code: -1, signal: null, stderr: error.message }));
    child.once('close', (code, signal) => resolve({ name, code, signal, stderr: stderr.trim() }));
  });
}

/** Names the one that failed first: the network, else the program that did not end because of the other. */
function judge(url: string, endings: readonly Ending[], sourceError: unknown): Error | undefined {
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
  if (culprit.name === 'tar') return new HostError(message);
  return new InputError(`${message}; the tarball is corrupt or cut short, fetch the image again`);
}

/** The decompressor has ended before it had everything: why, its own words tell. */
function isBrokenPipe(error: unknown): boolean {
  return isErrno(error, 'EPIPE');
}
