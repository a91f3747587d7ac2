import type { StatusEvent } from '@pxeboot/config/contract/status-event';

export type Report = Omit<StatusEvent, 'seq' | 'at'>;

/** What became of an event: refused is for good, away may be better the next time. */
export type Outcome =
  { kind: 'taken' } | { kind: 'refused'; status: number; answer: string } | { kind: 'away'; reason: string };

/** An event that waits to be sent. */
export interface Waiting {
  step: string;
  body: string;
}

/** What is still to be told, and what has been. */
export interface ReportQueue {
  /** Number of the last event. */
  seq: number;
  waiting: readonly Waiting[];
  /** How often the first of them was sent in vain. */
  attempts: number;
  /** The server was away when it was asked last. */
  away: boolean;
  /** Steps and statuses of refusals that the log has. */
  refusals: readonly string[];
  /** The progress that was reported last; the time by a monotonic clock. */
  last: { step: string; atMs: number; bytes: number };
}

/** A warning for the log. */
export interface Warning {
  message: string;
  fields: Record<string, string | number>;
}

const progressPauseMs = 1_000;
const messageLimit = 4_000;
/** Of an event that another one waits behind. */
const mostAttempts = 3;

/** Nothing has been reported. */
export const emptyQueue: ReportQueue = {
  seq: 0,
  waiting: [],
  attempts: 0,
  away: false,
  refusals: [],
  last: { step: '', atMs: -Infinity, bytes: 0 },
};

/** Puts an event behind those that wait.
 * @param at UTC, ISO 8601 */
export function enqueue(queue: ReportQueue, event: Report, at: string): ReportQueue {
  const seq = queue.seq + 1;
  const message = event.message === undefined ? {} : { message: event.message.slice(0, messageLimit) };
  const body = JSON.stringify({ seq, at, ...event, ...message });
  return { ...queue, seq, waiting: [...queue.waiting, { step: event.step, body }] };
}

/** The event that tells how far a step is, with the rate since the one before; undefined when it is too soon for one, or another
 * event waits.
 * @param nowMs by the clock of `last` @param total of the bytes; undefined when that is not known */
export function progressReport(
  { waiting, last }: ReportQueue,
  nowMs: number,
  step: string,
  bytes: number,
  total: number | undefined,
): Report | undefined {
  if (nowMs - last.atMs < progressPauseMs || waiting.length > 0) return undefined;
  const message = last.step === step ? { message: describeRate(bytes - last.bytes, nowMs - last.atMs) } : {};
  return { step, state: 'progress', bytes, ...(total === undefined ? {} : { total }), ...message };
}

function describeRate(bytes: number, ms: number): string {
  return `${(bytes / 1_000 / ms).toFixed(1)} MB/s`;
}

/** What follows from an answer. An event that could not be sent within three attempts is left out, except the newest; one that the
 * server refuses is not sent again, and the log says so once for each step and status.
 * @param sent the event that was sent; others may have taken its place meanwhile
 * @returns `pause`: the same event is sent again, after a while */
export function settle(
  queue: ReportQueue,
  sent: Waiting,
  outcome: Outcome,
): { queue: ReportQueue; pause: boolean; warning?: Warning } {
  const refusal = refusalOf(queue, sent, outcome);
  const now = { ...queue, away: outcome.kind === 'away', refusals: [...queue.refusals, ...(refusal?.noted ?? [])] };
  const said = refusal === undefined ? {} : { warning: refusal.warning };
  const { waiting } = queue;
  if (waiting[0] !== sent) return { queue: { ...now, attempts: 0 }, pause: false, ...said };
  const next = { ...now, waiting: waiting.slice(1), attempts: 0 };
  if (outcome.kind !== 'away') return { queue: next, pause: false, ...said };
  const attempts = queue.attempts + 1;
  if (attempts < mostAttempts || waiting.length === 1) return { queue: { ...now, attempts }, pause: true };
  return { queue: next, pause: false, warning: notReported(outcome.reason) };
}

function refusalOf(
  { refusals }: ReportQueue,
  { step }: Waiting,
  outcome: Outcome,
): { noted: string[]; warning: Warning } | undefined {
  if (outcome.kind !== 'refused') return undefined;
  const { status, answer } = outcome;
  const refusal = `${status} ${step}`;
  if (refusals.includes(refusal)) return undefined;
  return { noted: [refusal], warning: { message: 'status refused', fields: { step, status, answer } } };
}

/** To a server that is away, only the last event matters: it says how the installation ended. */
export function withoutTheLost(queue: ReportQueue): ReportQueue {
  return queue.away ? { ...queue, waiting: queue.waiting.slice(-1) } : queue;
}

/** Says that events have not been sent. */
export function notReported(reason: string): Warning {
  return { message: 'status not reported', fields: { reason } };
}
