import { chmod, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { readIfThere, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { describeError, HostError } from '../kit/errors.ts';

/** dnsmasq's leases, in memory, and their copy on the container's disk. dnsmasq syncs its file for each lease that it gives, which
 * a disk does 73 times a second and memory 376 times; what is in memory is gone when the container has stopped. */
export interface LeaseFiles {
  /** What dnsmasq works with. */
  inMemory: string;
  /** What the next start of this container begins with. */
  copy: string;
}

/** Copies in the background until it is told to stop. */
export interface LeaseCopier {
  /** Copies a last time. Call it when dnsmasq has ended. */
  stop(): Promise<void>;
}

const defaultPauseMs = 10_000;
const reads = 5;
const readPauseMs = 20;
/** Each begins with the time at which it ends; dnsmasq's own identifier for DHCPv6, "duid …", is no lease. */
const leaseLine = /^\d/gm;

/** Makes the file that dnsmasq starts with: the leases of the last copy, or none. Without them, and without a ping before each
 * offer, an address could be given twice. The file is root's: dnsmasq opens it before it becomes its own user.
 * @throws HostError a file cannot be read or written */
export async function restoreLeases({ inMemory, copy }: LeaseFiles, log: Log): Promise<void> {
  const leases = (await readIfThere(copy)) ?? '';
  const count = leases.match(leaseLine)?.length ?? 0;
  if (count > 0) log.info('leases of the last run restored', { leases: count });
  try {
    await writeAtomic(inMemory, leases);
    await chmod(inMemory, 0o644);
  } catch (cause) {
    throw new HostError(`write "${inMemory}"`, { cause });
  }
}

/** Copies the leases every 10 s, when they have changed. A copy that fails is logged once and tried again. */
export function startLeaseCopier({ inMemory, copy }: LeaseFiles, log: Log, pauseMs = defaultPauseMs): LeaseCopier {
  const stop = new AbortController();
  let copied: string | undefined;
  let failing = false;

  async function copyNow(): Promise<void> {
    try {
      const leases = await readWhole(inMemory);
      if (leases !== copied) await writeAtomic(copy, leases);
      copied = leases;
      failing = false;
    } catch (error) {
      if (!failing)
        log.warn('leases not copied; a restart would forget them', { to: copy, reason: describeError(error) });
      failing = true;
    }
  }

  async function copyUntilStopped(): Promise<void> {
    for (;;) {
      await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) return;
      await copyNow();
    }
  }

  const copying = copyUntilStopped();
  return {
    async stop() {
      stop.abort();
      await copying;
      await copyNow();
    },
  };
}

/** dnsmasq writes its file again in place for each lease, so a read may find only its beginning: the longest of several counts. */
async function readWhole(path: string): Promise<string> {
  let longest = await readFile(path, 'utf8');
  for (let read = 1; read < reads; read++) {
    await sleep(readPauseMs);
    const text = await readFile(path, 'utf8');
    if (text === longest) return text;
    if (text.length > longest.length) longest = text;
  }
  return longest;
}
