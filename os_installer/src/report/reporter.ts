import { setTimeout as sleep } from 'node:timers/promises';

import { describeError } from '@pxeboot/config/kit/errors';
import type { Log } from '@pxeboot/config/host/log';
import type { StatusEvent } from '@pxeboot/config/contract/status-event';
import type { Dispatcher } from 'undici';
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
/** Characters of the server's answer in a line of the log. */
const answerLimit = 300;

interface Waiting {
  step: string;
  body: string;
}

/** What became of an event: refused is for good, away may be better the next time. */
type Outcome =
  { kind: 'taken' } | { kind: 'refused'; status: number; answer: string } | { kind: 'away'; reason: string };

/** Events are sent one by one, in their order. While the server is away they wait; one that could not be sent within
 * three attempts is left out, except the newest, which is tried until `flush` runs out of time. One that the server refuses is
 * not sent again; the log says so, once for each step and status.
 * @param url where events are posted; empty: nowhere */
export function createReporter(url: string, log: Log): Reporter {
  const waiting: Waiting[] = [];
  const refusals = new Set<string>();
  let seq = 0;
  let sending: Promise<void> | undefined;
  let failing = false;
  let givenUp = false;
  let last = { step: '', at: -Infinity, bytes: 0 };

  function report(event: Report): void {
    if (url === '') return;
    const message = event.message === undefined ? {} : { message: event.message.slice(0, messageLimit) };
    const body = JSON.stringify({ seq: ++seq, at: new Date().toISOString(), ...event, ...message });
    waiting.push({ step: event.step, body });
    sending ??= sendAll().finally(() => (sending = undefined));
  }

  async function sendAll(): Promise<void> {
    for (let attempt = 1; !givenUp; attempt++) {
      const [event] = waiting;
      if (event === undefined) return;
      const outcome = await post(url, event.body);
      failing = outcome.kind === 'away';
      if (outcome.kind === 'refused') warnOfRefusal(event.step, outcome.status, outcome.answer);
      if (waiting[0] !== event) {
        attempt = 0;
      } else if (outcome.kind !== 'away' || (attempt >= 3 && waiting.length > 1)) {
        waiting.shift();
        attempt = 0;
        if (outcome.kind === 'away') log.warn('status not reported', { url, reason: outcome.reason });
      } else {
        await sleep(retryPauseMs);
      }
    }
  }

  function warnOfRefusal(step: string, status: number, answer: string): void {
    const refusal = `${status} ${step}`;
    if (refusals.has(refusal)) return;
    refusals.add(refusal);
    log.warn('status refused', { url, step, status, answer });
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

async function post(url: string, body: string): Promise<Outcome> {
  try {
    const headers = { 'content-type': 'application/json' };
    const timeouts = { headersTimeout: postTimeoutMs, bodyTimeout: postTimeoutMs };
    const response = await request(url, { method: 'POST', headers, body, ...timeouts });
    const status = response.statusCode;
    if (status >= 300 && status < 500) return { kind: 'refused', status, answer: await firstWords(response.body) };
    await response.body.dump();
    return status < 300 ? { kind: 'taken' } : { kind: 'away', reason: `the server answered ${status}` };
  } catch (error) {
    return { kind: 'away', reason: describeError(error) };
  }
}

/** For a terminal: in one line, without control characters. */
async function firstWords(body: Dispatcher.ResponseData['body']): Promise<string> {
  // Destroying a body emits an error, which nobody waits for any more.
  body.on('error', () => undefined);
  body.setEncoding('utf8');
  let said = '';
  for await (const chunk of body as AsyncIterable<string>) {
    said += chunk;
    if (said.length >= answerLimit) break;
  }
  return said
    .slice(0, answerLimit)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}
