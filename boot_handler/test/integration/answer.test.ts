import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { createLog } from '@pxeboot/config/host/log';
import express from 'express';

import type { Answer } from '../../src/http/answer.ts';
import { serve } from '../../src/http/answer.ts';
import { listen, stop } from '../../src/http/listen.ts';
import { answerErrors } from '../../src/http/request-errors.ts';

test('an answer over the limit is 500, and says how long it was and what to ask for', async () => {
  const lines: string[] = [];
  const log = createLog('test', (line) => lines.push(line));
  const all: Answer = { status: 200, type: 'text/plain', body: 'ü'.repeat(6) };
  const list: Answer = { ...all, smaller: 'GET /one shows one' };
  const app = express();
  app.get(
    '/fits',
    serve(log, () => list, 12),
  );
  app.get(
    '/list',
    serve(log, () => list, 11),
  );
  app.get(
    '/all',
    serve(log, () => all, 11),
  );
  app.use(answerErrors(log));
  const server = await listen(app, { port: 0 });
  // A TCP server's address is no string.
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`${base}${path}`);
    return [response.status, await response.text()];
  };

  const reason = (path: string): string => `answer GET ${path}: the answer has 12 bytes, and at most 11 are sent`;
  try {
    assert.deepEqual(await ask('/fits'), [200, 'üüüüüü']);
    assert.deepEqual(await ask('/list'), [500, `${reason('/list')}; GET /one shows one\n`]);
    assert.deepEqual(await ask('/all'), [500, `${reason('/all')}\n`]);
  } finally {
    await stop(server, 0);
  }
  assert.deepEqual(
    lines.map((line) => line.replace(/^\S+ /, '')),
    [
      `error test request failed status=500 method=GET url=/list reason="${reason('/list')}; GET /one shows one"`,
      `error test request failed status=500 method=GET url=/all reason="${reason('/all')}"`,
    ],
  );
});
