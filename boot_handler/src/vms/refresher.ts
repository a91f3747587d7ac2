/** Runs a scan on demand, never two at once and never back to back.
 * The returned function settles after a scan that **began after the call**: a file renamed into place before the call
 * has been seen. All calls that wait share one scan.
 * @param minPauseMs from the end of one scan to the start of the next; three times the scan's own duration when longer
 * @param now a monotonic clock, in ms */
export function createRefresher(
  scan: () => Promise<void>,
  minPauseMs: number,
  now: () => number = () => performance.now(),
): () => Promise<void> {
  let previous: Promise<void> = Promise.resolve();
  let nextStartAt = 0;
  let waiting: Promise<void> | undefined;

  async function scanAfterPause(): Promise<void> {
    await previous;
    const pauseMs = nextStartAt - now();
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    waiting = undefined;
    const startedAt = now();
    const running = scan();
    previous = running.catch(() => undefined);
    try {
      await running;
    } finally {
      const endedAt = now();
      nextStartAt = endedAt + Math.max(minPauseMs, 3 * (endedAt - startedAt));
    }
  }

  return () => (waiting ??= scanAfterPause());
}
