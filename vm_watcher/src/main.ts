import { givenEnvironment } from '@pxeboot/config/contract/environment';
import { describeError, describeErrorLines, InputError } from '@pxeboot/config/kit/errors';
import { lintNetworkOf } from '@pxeboot/config/lint/lint-network';
import { createLog } from '@pxeboot/config/host/log';

import type { TaskOutcome } from './watch/coalesce.ts';
import { createCoalescer } from './watch/coalesce.ts';
import { reloadDnsmasq } from './publish/reload-dnsmasq.ts';
import { createKeeper } from './publish/keeper.ts';
import { createLeaseKeeper } from './leases/lease-keeper.ts';
import { createLeases } from './leases/dnsmasq-leases.ts';
import { every } from './watch/every.ts';
import { createFollower } from './watch/follow.ts';
import { parseOptions } from './options.ts';
import { costOfPolling } from './watch/poll.ts';

const log = createLog('vm_watcher');

/** An editor's burst of events passes in this time, and a person does not notice it. */
const coalesceMs = 50;
/** dnsmasq not up yet, the directory missing. */
const retries = { retryMs: 1000, longestRetryMs: 30_000 };
/** A lease not released, or missed: a VM may ask for its new address at any moment. */
const leaseRetries = { retryMs: 100, longestRetryMs: 30_000 };

/** From one look at the directory itself to the next. */
const lookMs = 1000;
/** Catches what events missed; leases are looked at as often. */
const rescanMs = 30_000;

async function main(): Promise<void> {
  const { vmsDir, outDir, dnsmasqPidFile, leasesFile, networkInterface } = parseOptions(process.argv.slice(2));
  const environment = givenEnvironment(process.env);
  const keeper = await createKeeper({
    vmsDir,
    outDir,
    provisionerIp: environment.provisionerIp,
    network: () => lintNetworkOf(environment),
    log,
    reload: () => reloadDnsmasq(dnsmasqPidFile),
  });
  const leaseKeeper = createLeaseKeeper(createLeases(leasesFile, networkInterface), keeper.inForce(), log);

  // Apart from the hosts files, so that a slow release never delays the next change.
  const leasePasses = createCoalescer(() => attempt(leaseKeeper.pass), { delayMs: 0, ...leaseRetries });
  const passes = createCoalescer(() => attempt(updateAll), { delayMs: coalesceMs, ...retries });

  let lastCpuMs = 0;
  let leasesDueAtMs = 0;

  async function updateAll(): Promise<TaskOutcome> {
    const before = process.cpuUsage();
    const changedBefore = keeper.changedPasses();
    const outcome = await keeper.pass();
    const { user, system } = process.cpuUsage(before);
    const unchanged = keeper.changedPasses() === changedBefore;
    lastCpuMs = costOfPolling(lastCpuMs, (user + system) / 1000, !unchanged);
    if (unchanged && performance.now() < leasesDueAtMs) return outcome;
    leasesDueAtMs = performance.now() + rescanMs;
    leaseKeeper.follow(keeper.inForce());
    leasePasses.trigger();
    return outcome;
  }

  await attempt(updateAll);
  const follower = createFollower({
    directory: vmsDir,
    setting: environment.vmsWatch,
    trigger: passes.trigger,
    passes: () => ({ changed: keeper.changedPasses(), lastCpuMs }),
    log,
  });
  const stopLooking = every(lookMs, follower.look);
  const rescan = setInterval(follower.rescan, rescanMs);

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal });
      clearInterval(rescan);
      void stopLooking()
        .then(() => Promise.all([passes.close(), leasePasses.close(), follower.close()]))
        .then(() => process.exit(0));
    });
  }
}

/** Runs one pass; a failure is logged and repeated later, it never ends the program. */
async function attempt(pass: () => Promise<TaskOutcome>): Promise<TaskOutcome> {
  try {
    return await pass();
  } catch (error) {
    log.error('pass failed, trying again', { reason: describeError(error) });
    return 'unfinished';
  }
}

main().catch((error: unknown) => {
  for (const reason of describeErrorLines(error)) log.error('cannot start', { reason });
  process.exit(error instanceof InputError ? 2 : 1);
});
