import { join } from 'node:path';

import { describeError, HostError } from '@pxeboot/config/kit/errors';
import { createContentMemory } from '@pxeboot/config/definitions/content-memory';
import type { LintNetwork } from '@pxeboot/config/lint/rules/vm-addresses';
import type { Log } from '@pxeboot/config/host/log';
import type { PublishedState } from '@pxeboot/config/contract/published-state';
import { definitionsInForce, emptyState, formatPublishedState } from '@pxeboot/config/contract/published-state';
import { readPublishedState } from '@pxeboot/config/definitions/read/published-state-file';
import { resolve, sameFiles } from '@pxeboot/config/definitions/resolve';
import { describeFault } from '@pxeboot/config/kit/result';
import { scanDefinitions } from '@pxeboot/config/definitions/read/scan';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { writeAtomic } from '@pxeboot/config/host/write-atomic';

import type { TaskOutcome } from '../watch/coalesce.ts';
import { hostsFiles } from '../decide/hosts-files.ts';
import { changesBetween, logChanges } from '../decide/changes.ts';
import { createFindingReporter } from './report-findings.ts';

/** Keeps dnsmasq's hosts files and the published state equal to the definition files. */
export interface Keeper {
  /** One pass: scan, resolve, write what differs, tell dnsmasq.
   * @throws HostError a file cannot be written, or dnsmasq cannot be told */
  pass(): Promise<TaskOutcome>;
  /** How many passes found that something had changed. */
  changedPasses(): number;
  /** The definitions in force; before the first pass those of an earlier run. */
  inForce(): VmDefinition[];
}

export interface KeeperOptions {
  vmsDir: string;
  outDir: string;
  /** The provisioner's own address, which no VM may have; undefined: not known. */
  provisionerIp: string | undefined;
  network(): LintNetwork | undefined;
  /** Makes dnsmasq read its hosts files again; false when none runs. */
  reload(): Promise<boolean>;
  log: Log;
}

/** Every file of a usual lab at every pass; of 10,000 each within half a minute, besides those that changed lately. */
const contentMemory = { hotMs: 10_000, filesPerScan: 256 };

/** @throws HostError the published state of an earlier run is there and cannot be read */
export async function createKeeper(options: KeeperOptions): Promise<Keeper> {
  const { vmsDir, outDir, reload, log } = options;
  const written = new Map<string, string>();
  let state = withProvisioner(await stateOfEarlierRun(join(outDir, 'vms.json'), log), options.provisionerIp);
  const contents = createContentMemory(contentMemory);
  const reportFindings = createFindingReporter(log, options.network);
  let reloadDue = false;
  let scanProblem = '';
  /** The files are written and hold what `state` says. */
  let published = false;
  let changed = 0;

  async function pass(): Promise<TaskOutcome> {
    const scanned = await scan();
    // Without a directory to scan, what was in force stays so, and the files are there for dnsmasq.
    const next = scanned ?? state;
    if (next !== state || !published) await publish(next);
    if (reloadDue && (await reload())) reloadDue = false;
    return scanned === undefined || reloadDue ? 'unfinished' : 'done';
  }

  async function scan(): Promise<PublishedState | undefined> {
    try {
      const files = await scanDefinitions(vmsDir, state, { contents });
      const next = sameFiles(state, files) ? state : resolve(state, files, new Date());
      if (next !== state) reportFindings(files, next);
      if (scanProblem !== '') log.info('vms directory can be read again', { vms: vmsDir });
      scanProblem = '';
      return next;
    } catch (error) {
      const problem = describeError(error);
      if (problem !== scanProblem)
        log.warn('waiting for the vms directory; what was in force stays so', { reason: problem });
      scanProblem = problem;
      return undefined;
    }
  }

  async function publish(next: PublishedState): Promise<void> {
    published = false;
    if (next !== state) changed += 1;
    const { dhcp, dns } = hostsFiles(definitionsInForce(next));
    const dhcpWritten = await writeIfDifferent('dhcp-hosts', dhcp);
    const dnsWritten = await writeIfDifferent('dns-hosts', dns);
    if (dhcpWritten || dnsWritten) reloadDue = true;
    await writeIfDifferent('vms.json', formatPublishedState(next));
    logChanges(log, changesBetween(state, next));
    state = next;
    published = true;
  }

  async function writeIfDifferent(name: string, content: string): Promise<boolean> {
    if (written.get(name) === content) return false;
    try {
      await writeAtomic(join(outDir, name), content);
    } catch (cause) {
      throw new HostError(`write "${join(outDir, name)}"`, { cause });
    }
    written.set(name, content);
    return true;
  }

  return { pass, changedPasses: () => changed, inForce: () => definitionsInForce(state) };
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
