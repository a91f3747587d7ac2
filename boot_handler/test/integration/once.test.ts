import assert from 'node:assert/strict';
import { mkdir, open, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';

import type { RunningHandler } from '../support/running-handler.ts';
import { saveDefinition, saveImage, startHandler } from '../support/running-handler.ts';

const mac = '52:54:00:aa:bb:01';

async function startWith(install: object): Promise<RunningHandler> {
  const handler = await startHandler();
  await saveDefinition(handler.vmsDir, { install });
  await saveImage(handler.imagesDir);
  return handler;
}

async function tokenOf(handler: RunningHandler): Promise<string> {
  const { body } = await handler.ask(`/config/${mac}`);
  return (JSON.parse(body) as { reinstall_token: string }).reinstall_token;
}

/** What the installer reports: a whole run that ends like this. */
async function report(handler: RunningHandler, step: string, state: string, reinstall_token?: string): Promise<void> {
  await post(handler, { seq: 1, at: 'now', step: 'prepare', state: 'started' });
  await post(handler, { seq: 2, at: 'now', step, state, reinstall_token });
}

async function post(handler: RunningHandler, event: object): Promise<void> {
  const { status } = await handler.ask(`/status/${mac}`, { method: 'POST', body: JSON.stringify(event) });
  assert.equal(status, 204);
}

/** What the VM boots when it asks now. */
async function boots(handler: RunningHandler): Promise<'disk' | 'installer'> {
  const { status, body } = await handler.ask(`/ipxe?mac=${mac}`);
  assert.equal(status, 200, body);
  return body.includes('sanboot') ? 'disk' : 'installer';
}

async function askForReinstall(handler: RunningHandler, content: string, seconds: number): Promise<void> {
  const file = join(handler.vmsDir, 'web1.reinstall');
  await writeFile(file, content);
  await utimes(file, seconds, seconds);
}

test('with install.once a VM that has reported success boots its disk, by the whole script', async () => {
  await using handler = await startWith({ once: true });
  assert.equal(await boots(handler), 'installer');

  await report(handler, 'install', 'finished', '');

  assert.deepEqual(await handler.ask(`/ipxe?mac=${mac}`), {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: `#!ipxe
# web1: is installed ("install.once"), boot its disk
echo pxeboot_stack: web1 is installed, starting its disk
sanboot --no-describe --drive 0 --extra \\pxeboot-installed.json || sanboot --no-describe --drive 0x80 || exit 1
`,
  });
  assert.match(handler.logLines.at(-1) ?? '', /ipxe sent mac=52:54:00:aa:bb:01 vm=web1 boot=disk ms=/);
});

test('a VM whose disk does not start although it is installed is told so, and how to install it again', async () => {
  await using handler = await startWith({ once: true });
  await report(handler, 'install', 'finished', '');

  const { body } = await handler.ask(`/ipxe/why?mac=${mac}`);

  assert.match(body, /^echo pxeboot_stack: web1 is installed \(install\.once\), but its disk does not start\.$/m);
  assert.match(body, /^echo To do: save or change web1\.reinstall beside the definition/m);
});

test('without install.once a VM is installed whenever it boots from the network', async () => {
  await using handler = await startWith({});

  await report(handler, 'install', 'finished', '');

  assert.equal(await boots(handler), 'installer');
});

test('a run that failed, or has only begun, does not count as a success', async () => {
  await using handler = await startWith({ once: true });

  await report(handler, 'install', 'failed');
  const afterFailure = await boots(handler);
  await report(handler, 'install', 'finished', '');
  await report(handler, 'partition', 'finished');

  assert.deepEqual([afterFailure, await boots(handler)], ['installer', 'installer']);
});

test('an installer that found its system reports that, and the disk boots next', async () => {
  await using handler = await startWith({ once: true });

  await report(handler, 'already-installed', 'finished', '');

  assert.equal(await boots(handler), 'disk');
});

test('a .reinstall file asks for one installation; each change of it for another; nobody has to remove it', async () => {
  await using handler = await startWith({ once: true });
  await report(handler, 'install', 'finished', '');
  const seen: string[] = [];

  assert.equal(await tokenOf(handler), '');
  for (const [content, seconds] of [
    ['', 1_000_000],
    ['again', 1_000_000],
    ['again', 1_000_001],
  ] as const) {
    await askForReinstall(handler, content, seconds);
    assert.equal(await boots(handler), 'installer');
    const token = await tokenOf(handler);
    seen.push(token);
    await report(handler, 'install', 'finished', token);
    assert.equal(await boots(handler), 'disk');
  }
  await rm(join(handler.vmsDir, 'web1.reinstall'));

  assert.equal(await boots(handler), 'disk');
  assert.equal(new Set(seen).size, 3);
  for (const token of seen) assert.match(token, /^[0-9a-f]{32}$/);
});

test('a reinstall that is asked for while an installation runs is not lost', async () => {
  await using handler = await startWith({ once: true });
  await askForReinstall(handler, 'first', 1_000_000);
  const token = await tokenOf(handler);

  await askForReinstall(handler, 'second', 1_000_001);
  // Somebody looks; that does not make the running installation one for the new token.
  await tokenOf(handler);
  await report(handler, 'install', 'finished', token);

  assert.equal(await boots(handler), 'installer');
});

test('a .reinstall that cannot be read is 503, never taken for none', async () => {
  await using handler = await startWith({ once: true });
  await report(handler, 'install', 'finished', '');
  await mkdir(join(handler.vmsDir, 'web1.reinstall'));

  assert.equal((await handler.ask(`/ipxe?mac=${mac}`)).status, 503);
  assert.equal((await handler.ask(`/config/${mac}`)).status, 503);
});

test('of a run whose first events were lost, as while the server was away, the last one counts', async () => {
  await using handler = await startWith({ once: true });
  await report(handler, 'install', 'finished', '');

  await post(handler, { seq: 30, at: 'later', step: 'install', state: 'failed' });
  const afterFailure = await boots(handler);
  await askForReinstall(handler, 'again', 1_000_000);
  await post(handler, {
    seq: 30,
    at: 'later still',
    step: 'install',
    state: 'finished',
    reinstall_token: await tokenOf(handler),
  });

  assert.deepEqual([afterFailure, await boots(handler)], ['installer', 'disk']);
});

test('a .reinstall that is a FIFO is 503 and holds nobody up', async () => {
  await using handler = await startWith({ once: true });
  await report(handler, 'install', 'finished', '');
  const fifo = join(handler.vmsDir, 'web1.reinstall');
  await run('mkfifo', [fifo], { timeoutMs: 5000 });
  const signal = AbortSignal.timeout(5000);

  try {
    assert.equal((await handler.ask(`/ipxe?mac=${mac}`, { signal })).status, 503);
    assert.equal((await handler.ask(`/config/${mac}`, { signal })).status, 503);
  } finally {
    // A reader that hangs would keep this process alive.
    await (await open(fifo, 'r+')).close();
  }
});
