import type { BigIntStats } from 'node:fs';
import { constants, lstatSync } from 'node:fs';
import { lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { PublishedState } from '../../contract/published-state.ts';
import { describeError, HostError, isErrno } from '../../kit/errors.ts';
import { maxDocumentBytes } from '../../kit/json.ts';
import type { ContentMemory } from '../content-memory.ts';
import type { ScannedFile } from '../resolve.ts';
import { isUtf16, whyNotUtf8 } from '../text-encoding.ts';

const filesAtOnce = 32;
/** File times advance with the kernel's tick (4 ms at 250 Hz): two writes within one tick look like one. */
const settleMs = 20;
const settleAttempts = 5;
/** A file that became a FIFO or a link after it was looked at must not hang or mislead the scan. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

export interface ScanOptions {
  /** With it, files are also compared by content, and looked at by blocking calls: a third of the cost for a program that
   * does nothing else. */
  contents?: ContentMemory;
}

/** Looks at every `*.json` of a directory, dot files excepted; a good file whose fingerprint is known is not read again.
 * @throws HostError the directory cannot be listed; one bad file never stops the others */
export async function scanDefinitions(
  dir: string,
  previous: PublishedState | undefined,
  options: ScanOptions = {},
): Promise<ScannedFile[]> {
  // A file with faults is read again each time: its conflict may have gone with another file.
  const good = previous?.entries.filter((entry) => entry.state === 'ok') ?? [];
  const known = new Map(good.map((entry) => [entry.file, entry.fingerprint]));
  const files = (await listDefinitions(dir)).toSorted();
  options.contents?.begin(files, performance.now());
  const scanned: (ScannedFile | undefined)[] = [];
  let next = 0;

  async function work(): Promise<void> {
    for (let index = next++; index < files.length; index = next++) {
      const file = files[index] ?? '';
      scanned[index] = await scanFile(dir, file, known.get(file), options.contents);
    }
  }

  await Promise.all(Array.from({ length: filesAtOnce }, work));
  return scanned.filter((file) => file !== undefined);
}

/** Changes whenever the file's content may have changed; undefined when there is no such file.
 * @throws the file system's error */
export async function fingerprintOf(path: string): Promise<string | undefined> {
  try {
    return fingerprintFrom(await stat(path, { bigint: true }));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function fingerprintFrom(stats: BigIntStats): string {
  return [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].map((part) => part.toString(36)).join('-');
}

async function listDefinitions(dir: string): Promise<string[]> {
  try {
    const names = await readdir(dir);
    return names.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch (cause) {
    throw new HostError(`list the vms directory "${dir}"`, { cause });
  }
}

/** @returns undefined when the file has gone since the directory was listed */
async function scanFile(
  dir: string,
  file: string,
  known: string | undefined,
  contents: ContentMemory | undefined,
): Promise<ScannedFile | undefined> {
  const given = join(dir, file);
  try {
    const found = contents === undefined ? await lstat(given, { bigint: true }) : lstatSync(given, { bigint: true });
    const target = found.isSymbolicLink() ? await followLink(given, found) : { path: given, stats: found };
    const fingerprint = fingerprintFrom(target.stats);
    const problem = target.problem ?? problemOf(target.stats);
    if (problem !== undefined) return { file, fingerprint, kind: 'unreadable', problem };
    const linked = found.isSymbolicLink() ? { linkedDirectory: dirname(target.path) } : {};
    if (fingerprint === known && contents?.isDue(file, fingerprint) !== true)
      return { file, fingerprint, kind: 'unchanged', ...linked };
    return { ...toScanned(file, await readSettled(target.path), known, contents), ...linked };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    const forbidden = isErrno(error, 'EACCES', 'EPERM') ? { fix: 'let everybody read it ("chmod a+r")' } : {};
    return {
      file,
      fingerprint: '',
      kind: 'unreadable',
      problem: `cannot be read (${describeError(error)})`,
      ...forbidden,
    };
  }
}

interface LinkTarget {
  path: string;
  stats: BigIntStats;
  problem?: string;
}

/** A link on a share could show any of this system's files: it may only lead to a file inside its directory, at any depth. */
async function followLink(link: string, found: BigIntStats): Promise<LinkTarget> {
  if ((await fingerprintOf(link)) === undefined)
    return { path: link, stats: found, problem: 'is a symbolic link that leads nowhere here' };
  const [path, directory] = await Promise.all([realpath(link), realpath(dirname(link))]);
  const stats = await stat(path, { bigint: true });
  const inside = path.startsWith(`${directory}/`);
  return { path, stats, ...(inside ? {} : { problem: 'is a symbolic link that leads out of the vms directory' }) };
}

function problemOf(stats: BigIntStats): string | undefined {
  if (!stats.isFile()) return 'is not a regular file';
  return stats.size > maxDocumentBytes ? `is larger than ${maxDocumentBytes} bytes` : undefined;
}

interface Read {
  fingerprint: string;
  content: Buffer;
  problem?: string | undefined;
}

function toScanned(
  file: string,
  { fingerprint, content, problem }: Read,
  known: string | undefined,
  contents: ContentMemory | undefined,
): ScannedFile {
  if (problem !== undefined) return { file, fingerprint, kind: 'unreadable', problem };
  const repeated = contents?.isRepeated(file, fingerprint, content) === true;
  if (repeated && fingerprint === known) return { file, fingerprint, kind: 'unchanged' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    if (isUtf16(content))
      return { file, fingerprint, kind: 'unreadable', problem: whyNotUtf8(content), fix: 'save it as UTF-8' };
    return { file, fingerprint, kind: 'read', text, ...(repeated ? { repeated } : {}) };
  } catch {
    return { file, fingerprint, kind: 'unreadable', problem: whyNotUtf8(content), fix: 'save it as UTF-8' };
  }
}

/** Reads a file so that fingerprint and content belong together and a later change will show in the fingerprint. */
async function readSettled(path: string): Promise<Read> {
  for (let attempt = 1; ; attempt++) {
    const handle = await open(path, openFlags);
    try {
      const problem = problemOf(await handle.stat({ bigint: true }));
      if (problem !== undefined) return { fingerprint: '', content: Buffer.alloc(0), problem };
      const content = (await handle.readFile()).subarray(0, maxDocumentBytes + 1);
      const stats = await handle.stat({ bigint: true });
      const ageMs = Date.now() - Number(stats.mtimeNs / 1_000_000n);
      const settled = ageMs < 0 || ageMs >= settleMs;
      if (settled || attempt === settleAttempts)
        return { fingerprint: fingerprintFrom(stats), content, problem: problemOf(stats) };
    } finally {
      await handle.close();
    }
    await sleep(settleMs);
  }
}
