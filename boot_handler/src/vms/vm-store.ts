import { join } from 'node:path';

import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { fingerprintOf, scanDefinitions } from '@pxeboot/config/definitions/read/scan';
import { resolve } from '@pxeboot/config/definitions/resolve';
import type { Log } from '@pxeboot/config/host/log';
import { describeError } from '@pxeboot/config/kit/errors';

import { nothingKnown, requireCertain, withFailedScan, withPublished, withScan } from './known-vms.ts';
import { createPublishedReader } from './published-reader.ts';
import { createRefresher } from './refresher.ts';
import type { VmIndex, VmRecord } from './vm-index.ts';

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
  const readPublished = createPublishedReader(stateFile, log);
  let known = nothingKnown;
  const refresh = createRefresher(scan, pauseBetweenScansMs);

  async function scan(): Promise<void> {
    try {
      known = withPublished(known, readPublished());
      const { published } = known;
      const files = await scanDefinitions(vmsDir, published);
      known = withScan(known, resolve(published, files, new Date()));
    } catch (error) {
      known = withFailedScan(known, error);
      log.warn('vms not scanned, the last known ones stay in force', { reason: describeError(error) });
    }
  }

  async function find(lookUp: (index: VmIndex) => VmRecord | undefined): Promise<VmRecord | undefined> {
    known = withPublished(known, readPublished());
    const record = lookUp(known.index);
    if (record !== undefined && (await isCurrent(record.entry))) return record;
    await refresh();
    return requireCertain(known, lookUp(known.index));
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
    findByMac: (mac) => find(({ byMac }) => byMac.get(mac)),
    findByName: (name) => find(({ byName }) => byName.get(name)),
    async entries() {
      await refresh();
      return known.index.entries;
    },
  };
}
