import { setTimeout as sleep } from 'node:timers/promises';

import type { Log } from '@pxeboot/config/host/log';

import { postReport } from './post-report.ts';
import type { Report, Warning } from './report-queue.ts';
import { emptyQueue, enqueue, notReported, progressReport, settle, withoutTheLost } from './report-queue.ts';

/** Tells the server what happens. Never throws and never blocks: an absent server does not stop an installation. */
export interface Reporter {
  report(event: Report): void;
  /** At most one event a second, and none while another waits to be sent; each with the rate since the one before. */
  progress(step: string, bytes: number, total: number | undefined): void;
  /** Waits until what was reported has been sent, or the time is over. */
  flush(timeoutMs: number): Promise<void>;
}

const retryPauseMs = 500;

/** Events are sent one by one, in their order. While the server is away they wait; one that could not be sent within
 * three attempts is left out, except the newest, which is tried until `flush` runs out of time. One that the server refuses is
 * not sent again; the log says so, once for each step and status.
 * @param url where events are posted; empty: nowhere   @param token what proves them to the server, if it has given one */
export function createReporter(url: string, log: Log, token?: string): Reporter {
  let queue = emptyQueue;
  let sending: Promise<void> | undefined;
  let givenUp = false;

  function report(event: Report): void {
    if (url === '') return;
    queue = enqueue(queue, event, new Date().toISOString());
    sending ??= sendAll().finally(() => (sending = undefined));
  }

  async function sendAll(): Promise<void> {
    while (!givenUp) {
      const [event] = queue.waiting;
      if (event === undefined) return;
      const outcome = await postReport(url, token, event.body);
      const settled = settle(queue, event, outcome);
      queue = settled.queue;
      if (settled.warning !== undefined) warn(settled.warning);
      if (settled.pause) await sleep(retryPauseMs);
    }
  }

  function warn({ message, fields }: Warning): void {
    log.warn(message, { url, ...fields });
  }

  return {
    report,
    progress(step, bytes, total) {
      const event = progressReport(queue, performance.now(), step, bytes, total);
      if (event === undefined) return;
      report(event);
      // By the clock as it is now: the second counts from the time that the event bears.
      queue = { ...queue, last: { step, atMs: performance.now(), bytes } };
    },
    async flush(timeoutMs) {
      if (sending === undefined) return;
      queue = withoutTheLost(queue);
      await Promise.race([sending, sleep(timeoutMs, undefined, { ref: false })]);
      givenUp = true;
      if (queue.waiting.length > 0) warn(notReported(`no answer within ${timeoutMs} ms`));
    },
  };
}
