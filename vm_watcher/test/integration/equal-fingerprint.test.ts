/** A change that shows in nothing but the content: inode, size and times stay, as on a share that caches them. New files are
 * renamed into place: one that is looked at while it is empty would stay empty. */
import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { fingerprintOf } from '@pxeboot/config/definitions/read/scan';

import { saveMany } from '../bench/save-many.ts';
import { programsFor } from '../support/mounted-directory.ts';
import { hostsFile, inForce } from '../support/in-force.ts';
import { networkTest } from '../support/guest-network.ts';
import { startHandlerProcess } from '../support/handler-process.ts';
import type { RunningStack, WrittenVm } from '../support/running-stack.ts';
import { eventually, saveVmByRename, startStack, vmJson } from '../support/running-stack.ts';

const requirements = networkTest(...programsFor('frozen'));
const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };
const edited = { ...web1, mac: '52:54:00:aa:bb:0e', ip: '192.168.105.29' };

async function saveUnnoticeably(stack: RunningStack, vm: WrittenVm): Promise<void> {
  const watched = join(stack.watchedDir, `${vm.name}.json`);
  const before = await fingerprintOf(watched);
  const handle = await open(join(stack.vmsDir, `${vm.name}.json`), 'r+');
  await handle.write(vmJson(vm), 0);
  await handle.close();
  assert.equal(await fingerprintOf(watched), before);
}

test(
  'polling sees it in one of 256 files or fewer at the next poll, and dnsmasq and /ipxe agree',
  requirements,
  async (t) => {
    await using stack = await startStack({ fileSystem: 'frozen' });
    await using handler = await startHandlerProcess(stack);
    await saveVmByRename(stack.vmsDir, web1);
    await inForce(stack, 'web1', web1.ip);
    assert.notEqual((await handler.ask(`/ipxe?mac=${web1.mac}`)).status, 404);

    await saveUnnoticeably(stack, edited);

    t.diagnostic(`in force after ${await inForce(stack, 'web1', edited.ip)} s`);
    // 409: known, and without image files.
    assert.deepEqual(
      [
        (await handler.ask(`/ipxe?mac=${edited.mac}`)).status,
        (await handler.ask(`/ipxe?mac=${web1.mac}`)).status,
        await stack.network.requestLease(edited.mac),
      ],
      [409, 404, edited.ip],
    );
  },
);

test('of more files 256 are compared at each poll, in turn', requirements, async (t) => {
  await using stack = await startStack({ fileSystem: 'frozen' });
  await saveMany(stack, 600);
  await saveVmByRename(stack.vmsDir, web1);
  await inForce(stack, 'web1', web1.ip);
  // For ten seconds after it has changed a file is compared at every poll.
  await sleep(11_000);

  await saveUnnoticeably(stack, edited);

  // Three polls see all of 601 files; a loaded machine may take its time.
  t.diagnostic(`in force after ${await inForce(stack, 'web1', edited.ip)} s`);
});

test(
  'where events are insisted on and none comes, the rescan sees it within half a minute',
  requirements,
  async (t) => {
    await using stack = await startStack({ fileSystem: 'frozen', watch: 'events' });
    await saveVmByRename(stack.vmsDir, web1);
    const has = async (ip: string) => (await hostsFile(stack)).includes(ip);
    await eventually('the rescan has seen the new file', () => has(web1.ip), 35_000);

    await saveUnnoticeably(stack, edited);

    const ms = await eventually('the rescan has seen the edit', () => has(edited.ip), 35_000);
    t.diagnostic(`in force after ${(ms / 1000).toFixed(1)} s`);
  },
);
