import { join } from 'node:path';

import type { PublishedEntry, PublishedState } from '@pxeboot/config/contract/published-state';
import { definitionsInForce, emptyState } from '@pxeboot/config/contract/published-state';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { readPublishedState } from '@pxeboot/config/definitions/read/published-state-file';
import { writeAtomic } from '@pxeboot/config/host/files';
import type { Log } from '@pxeboot/config/host/log';
import { HostError } from '@pxeboot/config/kit/errors';
import { describeFault } from '@pxeboot/config/kit/fault';

import { changesBetween } from '../decide/changes.ts';
import type { PublishedFile } from '../decide/publication.ts';
import { filesToWrite, stateFile } from '../decide/publication.ts';
import type { TaskOutcome } from '../watch/coalescer.ts';
import type { ScannerOptions } from './definitions-scanner.ts';
import { createDefinitionsScanner } from './definitions-scanner.ts';
import { logChanges } from './log-changes.ts';

/** Keeps dnsmasq's hosts files and the published state equal to the definition files. */
export interface Keeper {
  /** One pass: scan, resolve, write what differs, tell dnsmasq.
   * @throws HostError a file cannot be written, or dnsmasq cannot be told */
  pass(): Promise<TaskOutcome>;
  /** How many passes found that something had changed. */
  changedPasses(): number;
  /** The definitions in force; before the first pass those of an earlier run. */
  inForce(): VmDefinition[];
  /** What has been read of the files, also what is not in force. */
  entries(): readonly PublishedEntry[];
  /** The directories that definitions are links into, inside the directory of definitions. */
  linkedDirectories(): readonly string[];
}

export interface KeeperOptions extends ScannerOptions {
  outDir: string;
  /** The provisioner's own address, which no VM may have; undefined: not known. */
  provisionerIp: string | undefined;
  /** Makes dnsmasq read its hosts files again; false when none runs. */
  reload(): Promise<boolean>;
}

/** @throws HostError the published state of an earlier run is there and cannot be read */
export async function createKeeper(options: KeeperOptions): Promise<Keeper> {
  const { outDir, reload, log } = options;
  const { scan, linkedDirectories } = createDefinitionsScanner(options);
  const written = new Map<string, string>();
  let state = withProvisioner(await stateOfEarlierRun(join(outDir, stateFile), log), options.provisionerIp);
  /** The files are written and hold what `state` says. */
  let published = false;
  let reloadDue = false;
  let changed = 0;

  async function pass(): Promise<TaskOutcome> {
    const scanned = await scan(state);
    // Without a directory to scan, what was in force stays so, and the files are there for dnsmasq.
    const next = scanned ?? state;
    if (next !== state || !published) await publish(next);
    if (reloadDue && (await reload())) reloadDue = false;
    return scanned === undefined || reloadDue ? 'unfinished' : 'done';
  }

  async function publish(next: PublishedState): Promise<void> {
    published = false;
    if (next !== state) changed += 1;
    for (const file of filesToWrite(written, next)) {
      await writeFile(outDir, file);
      written.set(file.name, file.content);
      if (file.readByDnsmasq) reloadDue = true;
    }
    logChanges(log, changesBetween(state, next));
    state = next;
    published = true;
  }

  return {
    pass,
    changedPasses: () => changed,
    inForce: () => definitionsInForce(state),
    entries: () => state.entries,
    linkedDirectories,
  };
}

async function writeFile(directory: string, { name, content }: PublishedFile): Promise<void> {
  const path = join(directory, name);
  try {
    await writeAtomic(path, content);
  } catch (cause) {
    throw new HostError(`write "${path}"`, { cause });
  }
}

function withProvisioner({ version, entries }: PublishedState, provisionerIp: string | undefined): PublishedState {
  return provisionerIp === undefined ? { version, entries } : { version, provisionerIp, entries };
}

/** The memory of an earlier run: last good versions, and what was in force. */
async function stateOfEarlierRun(file: string, log: Log): Promise<PublishedState> {
  const state = await readPublishedState(file);
  if (state?.ok === false) log.warn('published state not used', { reason: state.faults.map(describeFault).join(' ') });
  return state?.ok === true ? state.value : emptyState;
}
