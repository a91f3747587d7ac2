import { givenEnvironment } from '@pxeboot/config/contract/environment';
import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { createLog } from '@pxeboot/config/host/log';
import { describeErrorLines, InputError } from '@pxeboot/config/kit/errors';
import { lintNetworkOf } from '@pxeboot/config/lint/lint-network';

import { createLeases } from './leases/dnsmasq-leases.ts';
import type { EarlierVm } from './leases/lease-keeper.ts';
import { createLeaseKeeper } from './leases/lease-keeper.ts';
import { conflictTimes, createConflictWatch } from './neighbours/conflict-watch.ts';
import { createKernelNeighbours } from './neighbours/kernel-neighbours.ts';
import { createPasses } from './passes.ts';
import { createKeeper } from './publish/keeper.ts';
import { reloadDnsmasq } from './publish/reload-dnsmasq.ts';
import { startSchedule } from './schedule.ts';
import { every } from './watch/every.ts';
import { createFollower } from './watch/follower.ts';
import { parseOptions } from './watcher-options.ts';

const log = createLog('vm_watcher');

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
  const leases = createLeases(leasesFile, networkInterface);
  const leaseKeeper = createLeaseKeeper(leases, keeper.entries().flatMap(earlierVm), log);
  const passes = createPasses(keeper, leaseKeeper, log);
  const { trigger, figures } = passes;
  const follower = createFollower({
    directory: vmsDir,
    linkedDirectories: keeper.linkedDirectories,
    setting: environment.vmsWatch,
    trigger,
    passes: figures,
    log,
  });
  const kernel = createKernelNeighbours(networkInterface, environment.provisionerIp);
  const conflicts = createConflictWatch({ kernel, leases, inForce: keeper.inForce, outDir, log });
  const stopPasses = await startSchedule(passes, follower);
  const stopConflicts = every(conflictTimes.lookMs, conflicts.look);

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal });
      void Promise.all([stopPasses(), stopConflicts()]).then(() => process.exit(0));
    });
  }
}

function earlierVm({ definition, since }: PublishedEntry): EarlierVm[] {
  return definition === undefined ? [] : [{ definition, since: Date.parse(since) / 1000 }];
}

main().catch((error: unknown) => {
  for (const reason of describeErrorLines(error)) log.error('cannot start', { reason });
  process.exit(error instanceof InputError ? 2 : 1);
});
