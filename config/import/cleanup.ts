/** What has to be taken back when an import ends, however it ends. */
export interface Cleanup {
  /** Is run at the end; the last one first. */
  defer(undo: () => Promise<void>): void;
}

/** How some work ended, and what of it could not be taken back. */
export interface Ended<T> {
  result: PromiseSettledResult<T>;
  /** The errors of taking back, in the order in which it was tried. */
  failures: unknown[];
}

/** Does some work; all that it deferred is tried at the end in any case. Throws nothing: the caller reports both. */
export async function withCleanup<T>(work: (cleanup: Cleanup) => Promise<T>): Promise<Ended<T>> {
  const undos: (() => Promise<void>)[] = [];
  const [result] = await Promise.allSettled([work({ defer: (undo) => void undos.push(undo) })]);
  const failures: unknown[] = [];
  for (const undo of undos.reverse()) {
    try {
      await undo();
    } catch (error) {
      failures.push(error);
    }
  }
  return { result, failures };
}
