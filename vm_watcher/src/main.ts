import { describeError, InputError } from '@pxeboot/config/errors';
import { createLog } from '@pxeboot/config/log';

import type { TaskOutcome } from './coalesce.ts';
import { createCoalescer } from './coalesce.ts';
import { reloadDnsmasq } from './dnsmasq.ts';
import { createKeeper } from './keeper.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { createLeases } from './lease-releaser.ts';
import { parseOptions } from './options.ts';
import { watchDefinitions } from './watch.ts';

const log = createLog('vm_watcher');

/** An editor's burst of events passes in this time, and a person does not notice it. */
const coalesceMs = 50;
/** dnsmasq not up yet, a lease not released, the directory missing. */
const retries = { retryMs: 1000, longestRetryMs: 30_000 };
/** Catches what events missed. */
const rescanMs = 30_000;

async function main(): Promise<void> {
  const { vmsDir, outDir, dnsmasqPidFile, leasesFile, networkInterface } = parseOptions(process.argv.slice(2));
  const keeper = await createKeeper({ vmsDir, outDir, reload: () => reloadDnsmasq(dnsmasqPidFile), log });
  const leaseKeeper = createLeaseKeeper(createLeases(leasesFile, networkInterface), keeper.inForce(), log);

  // Apart from the hosts files, so that a slow release never delays the next change.
  const leasePasses = createCoalescer(() => attempt(leaseKeeper.pass), { delayMs: 0, ...retries });
  const passes = createCoalescer(() => attempt(updateAll), { delayMs: coalesceMs, ...retries });

  async function updateAll(): Promise<TaskOutcome> {
    const outcome = await keeper.pass();
    leaseKeeper.follow(keeper.inForce());
    leasePasses.trigger();
    return outcome;
  }

  await attempt(updateAll);
  const watcher = watchDefinitions(vmsDir, passes.trigger, (error) => {
    log.warn('file events are not complete, rescans go on', { reason: describeError(error) });
  });
  watcher.once('ready', passes.trigger);
  const rescan = setInterval(passes.trigger, rescanMs);
  log.info('watching', { vms: vmsDir, out: outDir });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal });
      clearInterval(rescan);
      void Promise.all([passes.close(), leasePasses.close(), watcher.close()]).then(() => process.exit(0));
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
  log.error('cannot start', { reason: describeError(error) });
  process.exit(error instanceof InputError ? 2 : 1);
});
