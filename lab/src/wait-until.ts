import { setTimeout as sleep } from 'node:timers/promises';

import { HostError, describeError } from '@pxeboot/config/errors';

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  everyMs?: number;
}

/** Asks again and again until the answer is defined. An attempt that throws counts as "not yet"; the last reason is told.
 * @throws HostError after the time is over */
export async function waitUntil<T>(
  what: string,
  options: WaitOptions,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + options.timeoutMs;
  let reason: unknown;
  while (performance.now() < end) {
    options.signal?.throwIfAborted();
    try {
      const answer = await attempt();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof GaveUp) throw error;
      reason = error;
    }
    await sleep(options.everyMs ?? 300, undefined, { signal: options.signal });
  }
  const last = reason === undefined ? '' : `; the last attempt: ${describeError(reason)}`;
  throw new HostError(`${what}: not within ${Math.round(options.timeoutMs / 1000)} s${last}`);
}

/** Thrown by an attempt for which waiting longer is no use. */
export class GaveUp extends HostError {
  override readonly name = 'GaveUp';
}
