/** Runs a scan on demand, never two at once and never back to back.
 * The returned function settles after a scan that **began after the call**: a file renamed into place before the call
 * has been seen. All calls that wait share one scan.
 * @param minPauseMs from the end of one scan to the start of the next; three times the scan's own duration when longer */
export function createRefresher(scan: () => Promise<void>, minPauseMs: number): () => Promise<void> {
  let previous: Promise<void> = Promise.resolve();
  let nextStartAt = 0;
  let waiting: Promise<void> | undefined;

  async function scanAfterPause(): Promise<void> {
    await previous;
    const pauseMs = nextStartAt - performance.now();
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    waiting = undefined;
    const startedAt = performance.now();
    const running = scan();
    previous = running.catch(() => undefined);
    try {
      await running;
    } finally {
      const endedAt = performance.now();
      nextStartAt = endedAt + Math.max(minPauseMs, 3 * (endedAt - startedAt));
    }
  }

  return () => (waiting ??= scanAfterPause());
}
