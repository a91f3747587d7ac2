import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Outcome, ReportQueue, Waiting } from '../../../src/report/report-queue.ts';
import {
  emptyQueue,
  enqueue,
  notReported,
  progressReport,
  settle,
  withoutTheLost,
} from '../../../src/report/report-queue.ts';

const at = '2026-01-02T03:04:05.000Z';
const away: Outcome = { kind: 'away', reason: 'nobody there' };

function queueOf(...steps: string[]): ReportQueue {
  return steps.reduce((queue, step) => enqueue(queue, { step, state: 'started' }, at), emptyQueue);
}

function firstOf({ waiting }: ReportQueue): Waiting {
  return waiting[0] ?? assert.fail('nothing waits');
}

/** What follows when the first event has this outcome. */
function send(queue: ReportQueue, outcome: Outcome): ReturnType<typeof settle> {
  return settle(queue, firstOf(queue), outcome);
}

function stepsOf({ waiting }: ReportQueue): string[] {
  return waiting.map(({ step }) => step);
}

test('events are numbered in their order, and a long message is cut', () => {
  const queue = enqueue(queueOf('a'), { step: 'b', state: 'failed', message: 'x'.repeat(5_000) }, at);

  assert.deepEqual(
    queue.waiting.map(({ body }): unknown => JSON.parse(body)),
    [
      { seq: 1, at, step: 'a', state: 'started' },
      { seq: 2, at, step: 'b', state: 'failed', message: 'x'.repeat(4_000) },
    ],
  );
});

test('an event that is taken makes room for the next at once', () => {
  const { queue, pause, warning } = send(queueOf('a', 'b'), { kind: 'taken' });

  assert.deepEqual([stepsOf(queue), pause, warning], [['b'], false, undefined]);
});

test('an event is left out after three attempts when another waits behind it, and the log says so', () => {
  const once = send(queueOf('a', 'b'), away);
  const twice = send(once.queue, away);
  const thrice = send(twice.queue, away);

  assert.deepEqual([once.pause, twice.pause, thrice.pause], [true, true, false]);
  assert.deepEqual([once.warning, twice.warning], [undefined, undefined]);
  assert.deepEqual(thrice.warning, notReported('nobody there'));
  assert.deepEqual([stepsOf(thrice.queue), thrice.queue.attempts], [['b'], 0]);
});

test('the newest event is never left out', () => {
  let { queue, pause } = send(queueOf('a'), away);
  for (let count = 0; count < 10; count++) ({ queue, pause } = send(queue, away));

  assert.deepEqual([stepsOf(queue), pause], [['a'], true]);
});

test('a refusal is said once for each step and status, and the event is not sent again', () => {
  const refused: Outcome = { kind: 'refused', status: 404, answer: 'no such VM' };
  const first = send(queueOf('a', 'a', 'b'), refused);
  const second = send(first.queue, refused);
  const other = send(second.queue, refused);

  assert.deepEqual(first.warning, {
    message: 'status refused',
    fields: { step: 'a', status: 404, answer: 'no such VM' },
  });
  assert.equal(second.warning, undefined);
  assert.equal(other.warning?.fields['step'], 'b');
  assert.deepEqual(stepsOf(other.queue), []);
});

test('an answer about an event that was dropped meanwhile says nothing of the one that has its place', () => {
  const queue = send(queueOf('a', 'b', 'c'), away).queue;
  const sent = firstOf(queue);

  const { queue: after, pause } = settle(withoutTheLost(queue), sent, away);

  assert.deepEqual([stepsOf(after), after.attempts, pause], [['c'], 0, false]);
});

test('in the end all events are sent, but to a server that is away only the last', () => {
  const queue = queueOf('a', 'b', 'c');

  assert.deepEqual(stepsOf(withoutTheLost(queue)), ['a', 'b', 'c']);
  assert.deepEqual(stepsOf(withoutTheLost(send(queue, away).queue)), ['c']);
});

test('progress is due a second after the last, and when nothing waits', () => {
  const told: ReportQueue = { ...emptyQueue, last: { step: 'unpack', atMs: 5_000, bytes: 1_000_000 } };

  assert.equal(progressReport(told, 5_999, 'unpack', 2_000_000, 9_000_000), undefined);
  assert.equal(progressReport({ ...queueOf('a'), last: told.last }, 9_000, 'unpack', 2_000_000, 9_000_000), undefined);
  assert.deepEqual(progressReport(told, 6_000, 'unpack', 2_500_000, 9_000_000), {
    ...{ step: 'unpack', state: 'progress', bytes: 2_500_000, total: 9_000_000 },
    message: '1.5 MB/s',
  });
  assert.deepEqual(progressReport(told, 6_000, 'other', 5, undefined), { step: 'other', state: 'progress', bytes: 5 });
});
