import { setTimeout as sleep } from 'node:timers/promises';

import { describeError } from '@pxeboot/config/errors';
import type { Log } from '@pxeboot/config/log';
import type { StatusEvent } from '@pxeboot/config/status-event';
import { request } from 'undici';

type Report = Omit<StatusEvent, 'seq' | 'at'>;

/** Tells the server what happens. Never throws and never blocks: an absent server does not stop an installation. */
export interface Reporter {
  report(event: Report): void;
  /** At most one event a second. */
  progress(step: string, bytes: number, total: number | undefined): void;
  /** Waits until what was reported has been sent, or the time is over. */
  flush(timeoutMs: number): Promise<void>;
}

const progressPauseMs = 1_000;
const attempts = 3;
const messageLimit = 4_000;

/** @param url where events are posted; empty: nowhere */
export function createReporter(url: string, log: Log): Reporter {
  let seq = 0;
  let sent: Promise<void> = Promise.resolve();
  let lastProgressAt = 0;

  function report(event: Report): void {
    if (url === '') return;
    const message = event.message === undefined ? {} : { message: event.message.slice(0, messageLimit) };
    const body = JSON.stringify({ seq: ++seq, at: new Date().toISOString(), ...event, ...message });
    sent = sent.then(() => post(url, body, log));
  }

  return {
    report,
    progress(step, bytes, total) {
      const now = performance.now();
      if (now - lastProgressAt < progressPauseMs) return;
      lastProgressAt = now;
      report({ step, state: 'progress', bytes, ...(total === undefined ? {} : { total }) });
    },
    async flush(timeoutMs) {
      await Promise.race([sent, sleep(timeoutMs, undefined, { ref: false })]);
    },
  };
}

async function post(url: string, body: string, log: Log): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      const headers = { 'content-type': 'application/json' };
      const timeouts = { headersTimeout: 3_000, bodyTimeout: 3_000 };
      const response = await request(url, { method: 'POST', headers, body, ...timeouts });
      await response.body.dump();
      if (response.statusCode < 500) return;
      throw new Error(`the server answered ${response.statusCode}`);
    } catch (error) {
      if (attempt === attempts) log.warn('status not reported', { url, reason: describeError(error) });
      else await sleep(500);
    }
  }
}
