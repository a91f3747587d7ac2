import type { Log } from '@pxeboot/config/host/log';
import { describeError } from '@pxeboot/config/kit/errors';

import { afterPass, noPassYet } from './decide/after-pass.ts';
import type { LeaseKeeper } from './leases/lease-keeper.ts';
import type { Keeper } from './publish/keeper.ts';
import type { TaskOutcome } from './watch/coalescer.ts';
import { createCoalescer } from './watch/coalescer.ts';
import type { PassFigures } from './watch/follower.ts';

/** An editor's burst of events passes in this time, and a person does not notice it. */
const coalesceMs = 50;
/** dnsmasq not up yet, the directory missing. */
const retries = { retryMs: 1000, longestRetryMs: 30_000 };
/** A lease not released, or missed: a VM may ask for its new address at any moment. */
const leaseRetries = { retryMs: 100, longestRetryMs: 30_000 };
/** While nothing changes. */
const leasesEveryMs = 30_000;

/** The passes over definitions and leases: few, one at a time, repeated until they succeed. */
export interface Passes {
  /** One pass over the definitions at once, whatever comes of it. */
  first(): Promise<void>;
  /** One pass over the definitions soon. */
  trigger(): void;
  figures(): PassFigures;
  /** Settles when nothing runs and nothing more will start. */
  close(): Promise<void>;
}

/** A pass over the leases follows each pass over the definitions that found a change. They are apart, so that a slow release never
 * delays the next change. */
export function createPasses(keeper: Keeper, leaseKeeper: LeaseKeeper, log: Log): Passes {
  const leasePasses = createCoalescer(() => attempt(leaseKeeper.pass), { delayMs: 0, ...leaseRetries });
  const definitionPasses = createCoalescer(() => attempt(updateAll), { delayMs: coalesceMs, ...retries });
  let memory = noPassYet;

  async function updateAll(): Promise<TaskOutcome> {
    const before = process.cpuUsage();
    const changedBefore = keeper.changedPasses();
    const outcome = await keeper.pass();
    const { user, system } = process.cpuUsage(before);
    const foundChange = keeper.changedPasses() !== changedBefore;
    const run = { foundChange, cpuMs: (user + system) / 1000, endedAtMs: performance.now() };
    const next = afterPass(memory, run, leasesEveryMs);
    memory = next.memory;
    if (!next.lookAtLeases) return outcome;
    leaseKeeper.follow(keeper.inForce());
    leasePasses.trigger();
    return outcome;
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

  return {
    async first() {
      await attempt(updateAll);
    },
    trigger: definitionPasses.trigger,
    figures: () => ({ changed: keeper.changedPasses(), lastCpuMs: memory.lastCpuMs }),
    async close() {
      await Promise.all([definitionPasses.close(), leasePasses.close()]);
    },
  };
}
