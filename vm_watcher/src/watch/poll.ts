/** A polled save is in force after this, one pass and dnsmasq's reading: 1.2 s is the promise. */
const shortestPauseMs = 500;
/** The part of one core that polling may take; beyond it the pauses grow. */
const largestShare = 0.1;

/** Calls back again and again. Timers count from a clock that never jumps.
 * @param lastCpuMs processor time of the last pass that the callback started   @returns stops it */
export function poll(trigger: () => void, lastCpuMs: () => number): () => void {
  let timer: NodeJS.Timeout;

  function again(): void {
    trigger();
    timer = setTimeout(again, pauseMs(lastCpuMs()));
  }

  timer = setTimeout(again, shortestPauseMs);
  return () => clearTimeout(timer);
}

/** How long to wait when the last pass took this much processor time. */
export function pauseMs(lastCpuMs: number): number {
  return Math.max(shortestPauseMs, lastCpuMs / largestShare);
}

/** The processor time of a pass that finds nothing new, as far as it is known: one that found changes cost at least that much.
 * Where every pass finds some, what it cost when there were more files must not count for ever. */
export function costOfPolling(knownMs: number, cpuMs: number, changed: boolean): number {
  return changed ? Math.min(knownMs, cpuMs) : cpuMs;
}
