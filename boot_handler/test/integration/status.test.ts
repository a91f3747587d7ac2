import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Reply, RunningHandler } from '../support/running-handler.ts';
import { saveDefinition, startHandler } from '../support/running-handler.ts';

function post(handler: RunningHandler, body: string, mac = '52:54:00:aa:bb:01'): Promise<Reply> {
  return handler.ask(`/status/${mac}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

const failed = {
  seq: 7,
  at: '2026-01-02T03:04:05Z',
  step: 'format',
  state: 'failed',
  ms: 310,
  message: 'Device "busy"',
};

test('an event is taken, logged in one line, and shown by the API', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  const reply = await post(handler, JSON.stringify(failed));
  const shown = await handler.ask('/api/vms/web1');

  assert.deepEqual(reply, { status: 204, type: null, body: '' });
  assert.equal(handler.logLines.length, 1);
  assert.match(
    handler.logLines[0] ?? '',
    /^\S+Z warn boot_handler status mac=52:54:00:aa:bb:01 vm=web1 seq=7 step=format state=failed took=310 message="Device \\"busy\\"" ms=\d+$/,
  );
  const document = JSON.parse(shown.body) as { lastStatus: unknown; events: unknown };
  assert.deepEqual(document.lastStatus, failed);
  assert.deepEqual(document.events, [failed]);
});

test('a malformed event is 400 with all its faults, and is not kept', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  const reply = await post(handler, '{"seq":0,"at":"x","step":"","state":"dancing"}');
  const shown = await handler.ask('/api/vms/web1');

  assert.equal(reply.status, 400);
  for (const path of ['/seq', '/step', '/state']) assert.match(reply.body, new RegExp(`${path} `));
  assert.deepEqual((JSON.parse(shown.body) as { events: unknown }).events, []);
});

test('an unknown MAC is 404, a body that is no JSON 400, a huge one 413', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  assert.equal((await post(handler, JSON.stringify(failed), '52:54:00:aa:bb:09')).status, 404);
  assert.equal((await post(handler, 'hello')).status, 400);
  assert.equal((await post(handler, '')).status, 400);
  assert.equal((await post(handler, 'x'.repeat(70_000))).status, 413);
});
