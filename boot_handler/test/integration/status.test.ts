import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';

import type { Reply, RunningHandler } from '../support/running-handler.ts';
import { receivedAt, saveDefinition, startHandler } from '../support/running-handler.ts';

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
  const kept = { ...failed, received_at: receivedAt.toISOString() };
  assert.deepEqual(document.lastStatus, kept);
  assert.deepEqual(document.events, [kept]);
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

/** A machine with one disk, as the installer reports it. */
const facts: HardwareFacts = {
  disks: [
    {
      name: 'vda',
      path: '/dev/vda',
      links: ['/dev/disk/by-path/pci-0000:00:02.0'],
      sizeBytes: 2 ** 34,
      logicalSectorBytes: 512,
      transport: 'virtio',
      removable: false,
      readOnly: false,
      model: '',
      serial: 'root-disk',
      wwn: '',
      uses: [],
    },
  ],
  uefi: true,
  memoryBytes: 2 ** 30,
  availableMemoryBytes: 2 ** 29,
  kernelRelease: '6.1.0-56-cloud-amd64',
};
const prepare = { seq: 2, at: '2026-01-02T03:04:05Z', step: 'prepare', state: 'progress' };

interface ShownVm {
  hardware?: unknown;
  events: unknown[];
}

async function shownVm(handler: RunningHandler): Promise<{ text: string; vm: ShownVm }> {
  const { status, body } = await handler.ask('/api/vms/web1');
  assert.equal(status, 200);
  return { text: body, vm: JSON.parse(body) as ShownVm };
}

test('the hardware of a machine is kept and shown, in one line', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  const { status } = await post(handler, JSON.stringify({ ...prepare, facts }));

  assert.equal(status, 204);
  const { text, vm } = await shownVm(handler);
  assert.deepEqual(vm.hardware, facts);
  assert.equal(text, `${JSON.stringify(vm)}\n`);
});

test('facts of any other shape are 400, and nothing of them is kept or shown', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  const deep = `${'['.repeat(4_000)}${'0,'.repeat(27_999)}0${']'.repeat(4_000)}`;
  const shapes = [
    [`{"a":${deep}}`, '/facts/disks: is missing'],
    [`${'{"a":'.repeat(10_000)}0${'}'.repeat(10_000)}`, '/facts/disks: is missing'],
    [`{"disks":[${'{},'.repeat(21_000)}{}]}`, '/facts/uefi: is missing'],
    [JSON.stringify({ ...facts, disks: Array.from({ length: 1_025 }, () => ({})) }), '/facts/disks'],
    [JSON.stringify({ ...facts, disks: [{ ...facts.disks[0], serial: 's'.repeat(60_000) }] }), '/facts/disks/0/serial'],
    ['{"__proto__":{"disks":[]}}', '/facts/disks: is missing'],
    ['[]', '/facts []: is not of type object'],
  ] as const;

  for (const [text, fault] of shapes) {
    const { status, body } = await post(handler, JSON.stringify({ ...prepare, facts: 0 }).replace(':0}', `:${text}}`));

    assert.equal(status, 400, body);
    assert.ok(body.startsWith(`POST /status/52:54:00:aa:bb:01 ${fault}`), body.slice(0, 200));
    assert.ok(body.length < 500, `${body.length} characters`);
  }
  const { text, vm } = await shownVm(handler);
  assert.ok(text.length < 1_500, `${text.length} characters`);
  assert.deepEqual([vm.hardware, vm.events], [undefined, []]);
  assert.ok(handler.logLines.every((line) => line.length < 1_000));
});

test('a flood of faults is cut, in the answer and in the log', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  const fields = Array.from({ length: 5_000 }, (_, n) => `"x${n}":0`).join(',');
  const long = '\u202e'.repeat(10_000);

  for (const body of [`{${fields}}`, `{"${long}":0}`, `{"seq":${'['.repeat(30_000)}${']'.repeat(30_000)}}`]) {
    const reply = await post(handler, body);

    assert.equal(reply.status, 400);
    assert.ok(reply.body.trimEnd().split('\n').length <= 5, reply.body.slice(0, 500));
    assert.ok(reply.body.length < 2_500, `${reply.body.length} characters`);
    assert.ok((handler.logLines.at(-1) ?? '').length < 3_000, `${handler.logLines.at(-1)?.length} characters`);
  }
});

test('a failure is told whole by the API and as far as a line should go in the log', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  const message = `choose a disk: ${'/dev/sda: it is too small; '.repeat(100)}`;

  await post(handler, JSON.stringify({ ...failed, message }));

  assert.deepEqual((await shownVm(handler)).vm.events.length, 1);
  assert.ok((await shownVm(handler)).text.includes(message));
  assert.match(handler.logLines[0] ?? '', / message="choose a disk: .*…" ms=\d+$/);
  assert.ok((handler.logLines[0] ?? '').length < 1_300);
});

test('a URL of any length is one short line of the log', async () => {
  await using handler = await startHandler();

  const { status, body } = await handler.ask(`/${'x'.repeat(10_000)}`);

  assert.equal(status, 404);
  assert.ok(body.length < 1_000 && (handler.logLines[0] ?? '').length < 1_500, handler.logLines[0]);
});
