import { costOfPolling } from './polling.ts';

/** What is remembered from pass to pass. */
export interface PassMemory {
  /** Processor time of a pass that finds nothing new, as far as it is known. */
  lastCpuMs: number;
  /** When the leases are looked at though nothing has changed; of a clock that never jumps. */
  leasesDueAtMs: number;
}

/** One pass that has ended. */
export interface PassRun {
  foundChange: boolean;
  cpuMs: number;
  endedAtMs: number;
}

export const noPassYet: PassMemory = { lastCpuMs: 0, leasesDueAtMs: 0 };

/** What is remembered after one more pass, and whether the leases are to be looked at now: after a change, and from time to time.
 * @param leasesEveryMs from one look at the leases to the next while nothing changes */
export function afterPass(
  before: PassMemory,
  { foundChange, cpuMs, endedAtMs }: PassRun,
  leasesEveryMs: number,
): { memory: PassMemory; lookAtLeases: boolean } {
  const lastCpuMs = costOfPolling(before.lastCpuMs, cpuMs, foundChange);
  const lookAtLeases = foundChange || endedAtMs >= before.leasesDueAtMs;
  const leasesDueAtMs = lookAtLeases ? endedAtMs + leasesEveryMs : before.leasesDueAtMs;
  return { memory: { lastCpuMs, leasesDueAtMs }, lookAtLeases };
}
