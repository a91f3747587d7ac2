import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describeError, HostError } from '@pxeboot/config/kit/errors';
import type { Log } from '@pxeboot/config/host/log';
import type { PublishedEntry, PublishedState } from '@pxeboot/config/contract/published-state';
import { parsePublishedState } from '@pxeboot/config/contract/published-state';
import { resolve } from '@pxeboot/config/definitions/resolve';
import { describeFault } from '@pxeboot/config/kit/result';
import { fingerprintOf, scanDefinitions } from '@pxeboot/config/definitions/read/scan';

import { createRefresher } from './refresher.ts';
import type { VmIndex, VmRecord } from './vm-index.ts';
import { emptyIndex, indexState } from './vm-index.ts';

/** The definitions cannot be looked at, so that what is not known may be there. */
export class ScanError extends HostError {
  override readonly name = 'ScanError';
}

/** The VM definitions in force. Of a VM that is not known a find throws ScanError while the definitions cannot be read. */
export interface VmStore {
  findByMac(mac: string): Promise<VmRecord | undefined>;
  findByName(name: string): Promise<VmRecord | undefined>;
  /** Every file, also those that are not in force. */
  entries(): Promise<readonly PublishedEntry[]>;
}

export interface VmStoreOptions {
  vmsDir: string;
  /** vm_watcher's published state. */
  stateFile: string;
  log: Log;
}

const pauseBetweenScansMs = 100;

/** An index in memory over vm_watcher's published state; the cost of an answer does not depend on the number of VMs.
 * It is never stale: each find re-checks the file it answers from, and a miss or a changed file leads to one scan that
 * begins after the request. A scan decides by the same `resolve` as vm_watcher, with the published state as `previous`. */
export function createVmStore({ vmsDir, stateFile, log }: VmStoreOptions): VmStore {
  let published: PublishedState | undefined;
  let publishedStamp: string | undefined;
  let index: VmIndex = emptyIndex;
  let scanFailure: ScanError | undefined;
  const refresh = createRefresher(scan, pauseBetweenScansMs);

  async function scan(): Promise<void> {
    try {
      readPublished();
      index = indexState(resolve(published, await scanDefinitions(vmsDir, published), new Date()));
      scanFailure = undefined;
    } catch (error) {
      scanFailure = new ScanError('look for the VM', { cause: error });
      log.warn('vms not scanned, the last known ones stay in force', { reason: describeError(error) });
    }
  }

  /** One synchronous stat: the file lies in the container's own /run, never on a share. */
  function readPublished(): void {
    const stamp = stampOf(stateFile);
    if (stamp === publishedStamp) return;
    publishedStamp = stamp;
    if (stamp === undefined) return;
    try {
      published = readState(stateFile);
      index = indexState(published);
    } catch (error) {
      log.warn('published state not used', { reason: describeError(error) });
    }
  }

  async function find(lookUp: () => VmRecord | undefined): Promise<VmRecord | undefined> {
    readPublished();
    const record = lookUp();
    if (record !== undefined && (await isCurrent(record.entry))) return record;
    await refresh();
    const found = lookUp();
    if (found === undefined && scanFailure !== undefined) throw scanFailure;
    return found;
  }

  async function isCurrent(entry: PublishedEntry): Promise<boolean> {
    try {
      return (await fingerprintOf(join(vmsDir, entry.file))) === entry.fingerprint;
    } catch (error) {
      log.warn('definition not checked, its last known version stays in force', {
        file: entry.file,
        reason: describeError(error),
      });
      return true;
    }
  }

  return {
    findByMac: (mac) => find(() => index.byMac.get(mac)),
    findByName: (name) => find(() => index.byName.get(name)),
    async entries() {
      await refresh();
      return index.entries;
    },
  };
}

/** Differs for each published state; undefined while there is none. */
function stampOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
}

function readState(file: string): PublishedState {
  const state = parsePublishedState(readFileSync(file, 'utf8'));
  if (!state.ok) throw new HostError(state.faults.map(describeFault).join(' '));
  return state.value;
}
