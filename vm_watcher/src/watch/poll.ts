import { pollPauseMs, shortestPauseMs } from '../decide/polling.ts';

/** Calls back again and again. Timers count from a clock that never jumps.
 * @param lastCpuMs processor time of the last pass that the callback started   @returns stops it */
export function poll(trigger: () => void, lastCpuMs: () => number): () => void {
  let timer: NodeJS.Timeout;

  function again(): void {
    trigger();
    timer = setTimeout(again, pollPauseMs(lastCpuMs()));
  }

  timer = setTimeout(again, shortestPauseMs);
  return () => clearTimeout(timer);
}
