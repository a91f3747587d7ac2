/** What has to be taken back when an import ends, however it ends. */
export interface Cleanup {
  /** Is run at the end; the last one first. */
  defer(undo: () => Promise<void>): void;
}

/** Does some work; what it deferred is done at the end in any case.
 * @throws the error of the work, else the first one of taking back */
export async function withCleanup<T>(work: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const undos: (() => Promise<void>)[] = [];
  const result = work({ defer: (undo) => void undos.push(undo) });
  const undone: PromiseSettledResult<unknown>[] = await Promise.allSettled([result]);
  for (const undo of undos.reverse()) undone.push(...(await Promise.allSettled([undo()])));
  const failed = undone.find((each) => each.status === 'rejected');
  if (failed === undefined) return result;
  throw failed.reason;
}
