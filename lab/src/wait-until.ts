import { setTimeout as sleep } from 'node:timers/promises';

import { describeError, HostError } from '@pxeboot/config/kit/errors';

const pauseMs = 200;
/** Nothing new for so long: no machine was seen to be that slow. */
const quietMs = 600_000;

/** An attempt: neither false nor undefined is the answer, and an error means "not yet". */
type Ask<T> = () => Promise<T | undefined | false>;

/** The time, and where reminders go. */
export interface Clock {
  now(): number;
  pause(ms: number): Promise<unknown>;
  say(line: string): void;
}

const realClock: Clock = { now: () => performance.now(), pause: (ms) => sleep(ms), say: (line) => console.error(line) };

/** What is waited for as long as it lives. */
export interface Living {
  /** As the reminders call it. */
  name: string;
  /** Between two reminders; 10 s where it is not given. */
  remindMs?: number;
  /** A value that changes whenever something new has happened there; without it silence is no reason to give up. */
  traces?: () => Promise<unknown>;
}

/** Asks again and again until there is an answer. An attempt that throws means "not yet".
 * @throws HostError it was not in time; the reason of the last attempt is told */
export async function waitUntil<T>(what: string, timeoutMs: number, ask: Ask<T>, clock = realClock): Promise<T> {
  const deadline = clock.now() + timeoutMs;
  let reason: unknown;
  do {
    const attempt = await tryOnce(what, ask);
    if (attempt.answered) return attempt.answer;
    reason = attempt.reason ?? reason;
    await clock.pause(pauseMs);
  } while (clock.now() < deadline);
  throw new HostError(`${what}: not within ${Math.round(timeoutMs / 1000)} s${lastAttempt(reason)}`);
}

/** Asks again and again until there is an answer, however long that takes: a machine may be slow. An attempt throws GaveUp when
 * what is waited for has ended by itself. Reminds every now and then that it waits, and why.
 * @throws HostError it has ended, or nothing new has happened there for ten minutes */
export async function waitWhile<T>(what: string, living: Living, ask: Ask<T>, clock = realClock): Promise<T> {
  const startedAt = clock.now();
  let [remindedAt, changedAt] = [startedAt, startedAt];
  let [reason, traces]: unknown[] = [];
  for (;;) {
    const attempt = await tryOnce(what, ask);
    if (attempt.answered) return attempt.answer;
    reason = attempt.reason ?? reason;
    const now = clock.now();
    if (now - remindedAt >= (living.remindMs ?? 10_000)) {
      remindedAt = now;
      const found = await living.traces?.().catch(() => traces);
      if (living.traces === undefined || found !== traces) [traces, changedAt] = [found, now];
      if (now - changedAt >= quietMs) {
        throw new HostError(`${what}: nothing new for ${quietMs / 60_000} minutes${lastAttempt(reason)}`);
      }
      const why = reason === undefined ? '' : `: ${describeError(reason)}`;
      clock.say(`still waiting for ${living.name} (${Math.round((now - startedAt) / 1000)} s)${why}`);
    }
    await clock.pause(pauseMs);
  }
}

async function tryOnce<T>(
  what: string,
  ask: Ask<T>,
): Promise<{ answered: true; answer: T } | { answered: false; reason?: unknown }> {
  try {
    const answer = await ask();
    return answer === undefined || answer === false ? { answered: false } : { answered: true, answer };
  } catch (error) {
    if (error instanceof GaveUp) throw new HostError(what, { cause: error });
    return { answered: false, reason: error };
  }
}

function lastAttempt(reason: unknown): string {
  return reason === undefined ? '' : `; the last attempt: ${describeError(reason)}`;
}

/** Thrown by an attempt for which waiting longer is no use. */
export class GaveUp extends HostError {
  override readonly name = 'GaveUp';
}
