import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { StatusEvent } from '@pxeboot/config/contract/status-event';
import { parseStatusEvent } from '@pxeboot/config/contract/status-event';
import { createLog } from '@pxeboot/config/host/log';

import { createReporter } from '../../src/report/reporter.ts';
import { serve } from './support/web-server.ts';

const silent = createLog('test', () => undefined);

interface StatusServer {
  url: string;
  events: StatusEvent[];
  /** Status of the next answers, in order; then 204. */
  answers: number[];
}

async function statusServer(context: TestContext, ...answers: number[]): Promise<StatusServer> {
  const events: StatusEvent[] = [];
  const url = await serve(context, (request, response) => {
    void text(request).then((body) => {
      const status = answers.shift() ?? 204;
      const parsed = parseStatusEvent('test', body);
      if (status === 204) events.push(parsed.ok ? parsed.value : assert.fail(JSON.stringify(parsed.faults)));
      response.writeHead(status).end();
    });
  });
  return { url, events, answers };
}

test('events arrive in their order, numbered, in the shape of the schema', async (context) => {
  const { url, events } = await statusServer(context);
  const reporter = createReporter(url, silent);

  for (const step of ['partition', 'format-esp', 'format-root']) reporter.report({ step, state: 'started' });
  reporter.report({ step: 'install', state: 'failed', message: 'x'.repeat(10_000) });
  await reporter.flush(5_000);

  assert.deepEqual(
    events.map(({ seq, step }) => [seq, step]),
    [
      [1, 'partition'],
      [2, 'format-esp'],
      [3, 'format-root'],
      [4, 'install'],
    ],
  );
});

test('an event that a server in trouble refuses, or one that is asked too often, is sent again', async (context) => {
  const { url, events } = await statusServer(context, 503, 429);
  const reporter = createReporter(url, silent);

  reporter.report({ step: 'install', state: 'finished' });
  await reporter.flush(5_000);

  assert.deepEqual(
    events.map(({ step }) => step),
    ['install'],
  );
});

test('each event bears the token that the server has given', async (context) => {
  const proofs: unknown[] = [];
  const url = await serve(context, (request, response) => {
    proofs.push(request.headers.authorization);
    response.writeHead(204).end();
  });
  for (const token of ['0123.abcd', undefined]) {
    const reporter = createReporter(url, silent, token);
    reporter.report({ step: 'partition', state: 'started' });
    reporter.report({ step: 'partition', state: 'finished' });
    await reporter.flush(5_000);
  }

  assert.deepEqual(proofs, ['Bearer 0123.abcd', 'Bearer 0123.abcd', undefined, undefined]);
});

test('an event that the server refuses is not sent again, and the log says why, once for each step', async (context) => {
  const asked: string[] = [];
  const url = await serve(context, (request, response) => {
    void text(request).then((body) => {
      asked.push(body);
      response.writeHead(400).end(`\u001b[2J/step "x" is\r\nunknown\u0085${'long '.repeat(20_000)}`);
    });
  });
  const lines: string[] = [];
  const reporter = createReporter(
    url,
    createLog('test', (line) => lines.push(line)),
  );

  for (const state of ['started', 'finished'] as const) reporter.report({ step: 'partition', state });
  reporter.report({ step: 'format-esp', state: 'started' });
  await reporter.flush(5_000);

  assert.equal(asked.length, 3);
  const answer = `[2J/step "x" is unknown ${'long '.repeat(55)}`.trim();
  assert.deepEqual(
    lines.map((line) => line.replace(/^\S+ /, '')),
    ['partition', 'format-esp'].map(
      (step) => `warn test status refused url=${url} step=${step} status=400 answer=${JSON.stringify(answer)}`,
    ),
  );
});

test('an event that the server refuses without a word holds up none behind it', async (context) => {
  const { url, events } = await statusServer(context, 404);
  const lines: string[] = [];
  const reporter = createReporter(
    url,
    createLog('test', (line) => lines.push(line)),
  );

  for (const step of ['partition', 'format-esp']) reporter.report({ step, state: 'started' });
  await reporter.flush(5_000);

  assert.deepEqual(
    events.map(({ step }) => step),
    ['format-esp'],
  );
  assert.deepEqual(
    lines.map((line) => line.replace(/^\S+ /, '')),
    [`warn test status refused url=${url} step=partition status=404 answer=""`],
  );
});

test('progress is reported once a second at most', async (context) => {
  const { url, events } = await statusServer(context);
  const reporter = createReporter(url, silent);

  for (let bytes = 0; bytes < 1_000; bytes++) reporter.progress('unpack', bytes, 1_000);
  await reporter.flush(5_000);

  assert.deepEqual(
    events.map(({ bytes, total }) => [bytes, total]),
    [[0, 1_000]],
  );
});

test('progress goes on being reported, a second apart', async (context) => {
  const { url, events } = await statusServer(context);
  const reporter = createReporter(url, silent);
  const startedAt = performance.now();

  while (performance.now() - startedAt < 2_500) {
    reporter.progress('unpack', 1, 2);
    await sleep(5);
  }
  await reporter.flush(5_000);

  const times = events.map(({ at }) => Date.parse(at));
  assert.ok(times.length === 2 || times.length === 3, `${times.length} events`);
  // The clock of the events counts in milliseconds.
  for (const [index, time] of times.slice(1).entries()) assert.ok(time - (times[index] ?? NaN) >= 998, times.join(' '));
});

test('progress is reported with its rate since the event before, and none from one step to the next', async (context) => {
  const { url, events } = await statusServer(context);
  const reporter = createReporter(url, silent);

  for (const [step, bytes] of [
    ['unpack', 0],
    ['unpack', 5_000_000],
    ['install-kernel', 9_000_000],
  ] as const) {
    reporter.progress(step, bytes, undefined);
    await sleep(1_050);
  }
  await reporter.flush(5_000);

  const [first, second, third] = events.map(({ message }) => message);
  assert.deepEqual([first, third], [undefined, undefined]);
  const rate = Number(/^(\d+\.\d) MB\/s$/.exec(second ?? '')?.[1]);
  assert.ok(rate > 2 && rate <= 4.9, second);
});

test('while an event waits to be sent there is no progress behind it', async (context) => {
  const { url, events } = await statusServer(context, 503);
  const reporter = createReporter(url, silent);

  reporter.report({ step: 'unpack', state: 'started' });
  reporter.progress('unpack', 1, 2);
  await reporter.flush(5_000);

  assert.deepEqual(
    events.map(({ step, state }) => [step, state]),
    [['unpack', 'started']],
  );
});

test('a server that takes a report and never answers delays the end by no more than is allowed', async (context) => {
  const url = await serve(context, () => undefined);
  const reporter = createReporter(url, silent);
  const startedAt = performance.now();

  reporter.report({ step: 'install', state: 'finished' });
  await reporter.flush(300);

  assert.ok(performance.now() - startedAt < 2_000);
});

test('to a server that has been away, the end of the installation is what is told', async (context) => {
  const { url, events, answers } = await statusServer(context);
  answers.push(...Array.from({ length: 4 }, () => 503));
  const reporter = createReporter(url, silent);

  for (let count = 0; count < 30; count++) reporter.report({ step: `step-${count}`, state: 'started' });
  reporter.report({ step: 'install', state: 'failed', message: 'no disk' });
  while (answers.length === 4) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await reporter.flush(10_000);

  assert.deepEqual(
    events.map(({ seq, step, message }) => [seq, step, message]),
    [[31, 'install', 'no disk']],
  );
});

test('an absent server delays the end by no more than is allowed, and is logged', async () => {
  const lines: string[] = [];
  const reporter = createReporter(
    'http://127.0.0.1:9/status',
    createLog('test', (line) => lines.push(line)),
  );
  const startedAt = performance.now();

  reporter.report({ step: 'install', state: 'finished' });
  await reporter.flush(300);

  assert.ok(performance.now() - startedAt < 2_000);
  assert.match(lines.join('\n'), /warn test status not reported url=http:\/\/127\.0\.0\.1:9\/status/);
});

test('without a URL nothing is sent and nothing waited for', async () => {
  const reporter = createReporter('', silent);

  reporter.report({ step: 'install', state: 'finished' });
  await reporter.flush(60_000);
});
