import type { BigIntStats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describeError, HostError, isErrno } from './errors.ts';
import type { PublishedState } from './published-state.ts';
import type { ScannedFile } from './resolve.ts';

/** Bytes; a definition has some hundred. */
const sizeLimit = 1024 * 1024;
const filesAtOnce = 32;
/** File times advance with the kernel's tick (4 ms at 250 Hz): two writes within one tick look like one. */
const settleMs = 20;
const settleAttempts = 5;

/** Looks at every `*.json` of a directory, dot files excepted; a good file whose fingerprint is known is not read again.
 * @throws HostError the directory cannot be listed; one bad file never stops the others */
export async function scanDefinitions(dir: string, previous: PublishedState | undefined): Promise<ScannedFile[]> {
  // A file with faults is read again each time: its conflict may have gone with another file.
  const good = previous?.entries.filter((entry) => entry.state === 'ok') ?? [];
  const known = new Map(good.map((entry) => [entry.file, entry.fingerprint]));
  const files = (await listDefinitions(dir)).toSorted();
  const scanned: (ScannedFile | undefined)[] = [];
  let next = 0;

  async function work(): Promise<void> {
    for (let index = next++; index < files.length; index = next++) {
      const file = files[index] ?? '';
      scanned[index] = await scanFile(dir, file, known.get(file));
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
async function scanFile(dir: string, file: string, known: string | undefined): Promise<ScannedFile | undefined> {
  const path = join(dir, file);
  try {
    const stats = await stat(path, { bigint: true });
    const fingerprint = fingerprintFrom(stats);
    if (fingerprint === known) return { file, fingerprint, kind: 'unchanged' };
    if (!stats.isFile()) return { file, fingerprint, kind: 'unreadable', problem: 'is not a regular file' };
    if (stats.size > sizeLimit)
      return { file, fingerprint, kind: 'unreadable', problem: `is larger than ${sizeLimit} bytes` };
    return await readSettled(path, file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    return { file, fingerprint: '', kind: 'unreadable', problem: `cannot be read (${describeError(error)})` };
  }
}

/** Reads a file so that fingerprint and text belong together and a later change will show in the fingerprint. */
async function readSettled(path: string, file: string): Promise<ScannedFile> {
  for (let attempt = 1; ; attempt++) {
    const handle = await open(path, 'r');
    try {
      const text = (await handle.readFile()).subarray(0, sizeLimit).toString('utf8');
      const stats = await handle.stat({ bigint: true });
      const ageMs = Date.now() - Number(stats.mtimeNs / 1_000_000n);
      const settled = ageMs < 0 || ageMs >= settleMs;
      if (settled || attempt === settleAttempts)
        return { file, fingerprint: fingerprintFrom(stats), kind: 'read', text };
    } finally {
      await handle.close();
    }
    await sleep(settleMs);
  }
}
