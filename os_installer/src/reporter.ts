import { setTimeout as sleep } from 'node:timers/promises';

import { describeError } from '@pxeboot/config/errors';
import type { Log } from '@pxeboot/config/log';
import type { StatusEvent } from '@pxeboot/config/status-event';
import { request } from 'undici';

type Report = Omit<StatusEvent, 'seq' | 'at'>;

/** Tells the server what happens. Never throws and never blocks: an absent server does not stop an installation. */
export interface Reporter {
  report(event: Report): void;
  /** At most one event a second, and none while another waits to be sent; each with the rate since the one before. */
  progress(step: string, bytes: number, total: number | undefined): void;
  /** Waits until what was reported has been sent, or the time is over. */
  flush(timeoutMs: number): Promise<void>;
}

const progressPauseMs = 1_000;
const postTimeoutMs = 3_000;
const retryPauseMs = 500;
const messageLimit = 4_000;

/** Events are sent one by one, in their order. While the server is away they wait; one that could not be sent within
 * three attempts is left out, except the newest, which is tried until `flush` runs out of time.
 * @param url where events are posted; empty: nowhere */
export function createReporter(url: string, log: Log): Reporter {
  const waiting: string[] = [];
  let seq = 0;
  let sending: Promise<void> | undefined;
  let failing = false;
  let givenUp = false;
  let last = { step: '', at: -Infinity, bytes: 0 };

  function report(event: Report): void {
    if (url === '') return;
    const message = event.message === undefined ? {} : { message: event.message.slice(0, messageLimit) };
    waiting.push(JSON.stringify({ seq: ++seq, at: new Date().toISOString(), ...event, ...message }));
    sending ??= sendAll().finally(() => (sending = undefined));
  }

  async function sendAll(): Promise<void> {
    for (let attempt = 1; waiting.length > 0 && !givenUp; attempt++) {
      const [body = ''] = waiting;
      const problem = await post(url, body);
      failing = problem !== undefined;
      if (waiting[0] !== body) {
        attempt = 0;
      } else if (problem === undefined || (attempt >= 3 && waiting.length > 1)) {
        waiting.shift();
        attempt = 0;
        if (problem !== undefined) log.warn('status not reported', { url, reason: problem });
      } else {
        await sleep(retryPauseMs);
      }
    }
  }

  return {
    report,
    progress(step, bytes, total) {
      const now = performance.now();
      if (now - last.at < progressPauseMs || waiting.length > 0) return;
      const message = last.step === step ? { message: describeRate(bytes - last.bytes, now - last.at) } : {};
      report({ step, state: 'progress', bytes, ...(total === undefined ? {} : { total }), ...message });
      // Not "now": the second counts from the time that the event bears.
      last = { step, at: performance.now(), bytes };
    },
    async flush(timeoutMs) {
      if (sending === undefined) return;
      // To a server that is away, only the last event matters: it says how the installation ended.
      if (failing) waiting.splice(0, waiting.length - 1);
      await Promise.race([sending, sleep(timeoutMs, undefined, { ref: false })]);
      givenUp = true;
      if (waiting.length > 0) log.warn('status not reported', { url, reason: `no answer within ${timeoutMs} ms` });
    },
  };
}

function describeRate(bytes: number, ms: number): string {
  return `${(bytes / 1_000 / ms).toFixed(1)} MB/s`;
}

/** @returns what was wrong; undefined when the server has the event, or refuses it for good */
async function post(url: string, body: string): Promise<string | undefined> {
  try {
    const headers = { 'content-type': 'application/json' };
    const timeouts = { headersTimeout: postTimeoutMs, bodyTimeout: postTimeoutMs };
    const response = await request(url, { method: 'POST', headers, body, ...timeouts });
    await response.body.dump();
    return response.statusCode < 500 ? undefined : `the server answered ${response.statusCode}`;
  } catch (error) {
    return describeError(error);
  }
}
