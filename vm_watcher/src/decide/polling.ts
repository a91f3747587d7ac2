/** A polled save is in force after this, one pass and dnsmasq's reading: 1.2 s is the promise. */
export const shortestPauseMs = 500;
/** The part of one core that polling may take; beyond it the pauses grow. */
const largestShare = 0.1;

/** How long to wait when the last pass took this much processor time. */
export function pollPauseMs(lastCpuMs: number): number {
  return Math.max(shortestPauseMs, lastCpuMs / largestShare);
}

/** The processor time of a pass that finds nothing new, as far as it is known: one that found changes cost at least that much.
 * Where every pass finds some, what it cost when there were more files must not count for ever. */
export function costOfPolling(knownMs: number, cpuMs: number, changed: boolean): number {
  return changed ? Math.min(knownMs, cpuMs) : cpuMs;
}
