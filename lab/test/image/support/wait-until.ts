import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is neither false nor undefined.
 * @throws Error it was not in time; the message says what was waited for */
export async function waitUntil<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await sleep(100);
  }
}
