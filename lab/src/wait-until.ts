import { setTimeout as sleep } from 'node:timers/promises';

import { describeError, HostError } from '@pxeboot/config/errors';

const pauseMs = 200;

/** Asks again and again until the answer is neither false nor undefined. An attempt that throws means "not yet".
 * @throws HostError it was not in time; the reason of the last attempt is told */
export async function waitUntil<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let reason: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof GaveUp) throw new HostError(what, { cause: error });
      reason = error;
    }
    await sleep(pauseMs);
  } while (performance.now() < deadline);
  const last = reason === undefined ? '' : `; the last attempt: ${describeError(reason)}`;
  throw new HostError(`${what}: not within ${Math.round(timeoutMs / 1000)} s${last}`);
}

/** Thrown by an attempt for which waiting longer is no use. */
export class GaveUp extends HostError {
  override readonly name = 'GaveUp';
}
