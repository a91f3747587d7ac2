import { join } from 'node:path';

import type { AddressConflict } from '@pxeboot/config/contract/address-conflicts';
import { addressConflictsFile, formatAddressConflicts } from '@pxeboot/config/contract/address-conflicts';
import type { Lease } from '@pxeboot/config/contract/lease-file';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { writeAtomic } from '@pxeboot/config/host/files';
import type { Log } from '@pxeboot/config/host/log';
import { describeError } from '@pxeboot/config/kit/errors';

import type { ConflictTimes, Suspicions } from '../decide/address-conflicts.ts';
import { afterAsking, certainConflicts, conflictNews, nextSuspicions } from '../decide/address-conflicts.ts';
import { logChanges } from '../publish/log-changes.ts';
import type { KernelNeighbours } from './kernel-neighbours.ts';

/** Finds out, with no ping before an offer, when an address of a VM is somebody else's too, and publishes it. */
export interface ConflictWatch {
  /** One look; it throws nothing: what keeps it from looking is logged once. */
  look(): Promise<void>;
}

export interface ConflictWatchOptions {
  kernel: KernelNeighbours;
  leases: { read(): Promise<readonly Lease[]> };
  inForce(): readonly VmDefinition[];
  outDir: string;
  log: Log;
  times?: ConflictTimes;
}

export const conflictTimes: ConflictTimes = { lookMs: 15_000, confirmAfterMs: 70_000, endAfterMs: 45_000 };

export function createConflictWatch(options: ConflictWatchOptions): ConflictWatch {
  const { kernel, leases, inForce, outDir, log, times = conflictTimes } = options;
  let suspicions: Suspicions = new Map();
  let published: readonly AddressConflict[] | undefined;
  let problem: string | undefined;

  /** @returns what keeps it from being certain */
  async function lookOnce(): Promise<string | undefined> {
    const { neighbours, ownMacs } = await kernel.read();
    const facts = { neighbours, ownMacs, definitions: inForce(), leases: await leases.read() };
    const now = performance.now();
    suspicions = nextSuspicions(suspicions, facts, now, times);
    const asked = await kernel.ask([...suspicions.keys()]);
    suspicions = afterAsking(suspicions, asked.addresses, now);
    const certain = certainConflicts(suspicions);
    const news = conflictNews(published ?? [], certain);
    if (published === undefined || news.length > 0) {
      await writeAtomic(join(outDir, addressConflictsFile), formatAddressConflicts(certain));
      published = certain;
      logChanges(log, news);
    }
    return asked.problem;
  }

  function warnOnce(reason: string | undefined): void {
    if (reason !== undefined && reason !== problem)
      log.warn('neighbours not compared with the definitions, trying again', { reason });
    problem = reason;
  }

  return {
    async look() {
      warnOnce(await lookOnce().catch(describeError));
    },
  };
}
