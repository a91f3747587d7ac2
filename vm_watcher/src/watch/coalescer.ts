/** Turns many triggers into few runs, one at a time: a run starts `delayMs` after the first trigger that it answers,
 * a trigger during a run leads to one more, and an unfinished run is repeated after a pause that grows. */
export interface Coalescer {
  trigger(): void;
  /** Settles when nothing runs and nothing more will start. */
  close(): Promise<void>;
}

export interface CoalescerOptions {
  delayMs: number;
  /** First pause after an unfinished run; it doubles up to `longestRetryMs`. */
  retryMs: number;
  longestRetryMs: number;
}

export type TaskOutcome = 'done' | 'unfinished';

/** @param task must not throw */
export function createCoalescer(task: () => Promise<TaskOutcome>, options: CoalescerOptions): Coalescer {
  let timer: NodeJS.Timeout | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let retryMs = options.retryMs;
  let again = false;
  let closed = false;

  function trigger(): void {
    if (closed || timer !== undefined) return;
    if (running === undefined) timer = setTimeout(start, options.delayMs);
    else again = true;
  }

  function start(): void {
    timer = undefined;
    clearTimeout(retryTimer);
    again = false;
    running = runOnce();
  }

  async function runOnce(): Promise<void> {
    const outcome = await task();
    running = undefined;
    if (closed) return;
    if (outcome === 'done') {
      retryMs = options.retryMs;
    } else {
      retryTimer = setTimeout(trigger, retryMs);
      retryMs = Math.min(2 * retryMs, options.longestRetryMs);
    }
    if (again) trigger();
  }

  return {
    trigger,
    async close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(retryTimer);
      await running;
    },
  };
}
