import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { scanDefinitions } from '@pxeboot/config/definitions/read/scan';
import { resolve } from '@pxeboot/config/definitions/resolve';

import type { RunningHandler } from '../support/running-handler.ts';
import { saveDefinition, saveImage, saveState, startHandler } from '../support/running-handler.ts';

/** What vm_watcher does, once. */
async function publish(handler: RunningHandler): Promise<void> {
  const state = resolve(undefined, await scanDefinitions(handler.vmsDir, undefined), new Date());
  await saveState(handler.stateFile, state);
}

async function status(handler: RunningHandler, lastPair: string): Promise<number> {
  return (await handler.ask(`/ipxe?mac=52:54:00:aa:bb:${lastPair}`)).status;
}

test('a file renamed into place before the request is in the answer, twenty times in a row', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await saveDefinition(handler.vmsDir);
  await publish(handler);

  for (let round = 0; round < 20; round++) {
    await saveDefinition(handler.vmsDir, { pxeboot: round % 2 === 0 });
    const { body } = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');

    assert.match(body, round % 2 === 0 ? /: install debian-12/ : /: boot debian-12/, `round ${round}`);
  }
});

test('a new VM is found without vm_watcher, a removed one is not, a changed MAC moves the answer', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await publish(handler);
  assert.equal(await status(handler, '01'), 404);

  await saveDefinition(handler.vmsDir);
  assert.equal(await status(handler, '01'), 200);

  await saveDefinition(handler.vmsDir, { mac: '52:54:00:aa:bb:02' });
  assert.deepEqual([await status(handler, '02'), await status(handler, '01')], [200, 404]);

  await rm(join(handler.vmsDir, 'web1.json'));
  assert.deepEqual([await status(handler, '02'), await status(handler, '01')], [404, 404]);
});

test('a broken file keeps its last good version in force and harms no other; one never good is 404', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await saveDefinition(handler.vmsDir);
  await saveDefinition(handler.vmsDir, { name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.21' });
  await publish(handler);

  await writeFile(join(handler.vmsDir, 'web1.json'), '{"name": "web1", "mac');
  await writeFile(join(handler.vmsDir, 'web3.json'), '{"mac": "52:54:00:aa:bb:03"}');

  assert.deepEqual(
    [await status(handler, '01'), await status(handler, '02'), await status(handler, '03')],
    [200, 200, 404],
  );
  const { vms } = JSON.parse((await handler.ask('/api/vms')).body) as { vms: { file: string; state: string }[] };
  assert.deepEqual(
    vms.map(({ file, state }) => `${file} ${state}`),
    ['web1.json last-good', 'web2.json ok', 'web3.json rejected'],
  );
});

test('while the vms directory is away the last known definitions stay in force', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await saveDefinition(handler.vmsDir);
  await publish(handler);
  assert.equal(await status(handler, '01'), 200);

  await rename(handler.vmsDir, `${handler.vmsDir}.away`);
  const away = await status(handler, '01');
  await rename(`${handler.vmsDir}.away`, handler.vmsDir);

  assert.equal(away, 200);
  assert.equal(await status(handler, '01'), 200);
});

test('a published state that cannot be read is said once and does not stop the answers', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await saveDefinition(handler.vmsDir);
  await writeFile(handler.stateFile, 'not JSON');

  assert.equal(await status(handler, '01'), 200);
  assert.equal(await status(handler, '01'), 200);
  assert.equal(handler.logLines.filter((line) => line.includes('published state not used')).length, 1);
});
