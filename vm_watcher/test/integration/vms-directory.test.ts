import assert from 'node:assert/strict';
import { mkdir, rename, rm } from 'node:fs/promises';
import { test } from 'node:test';

import { networkTest } from '../support/guest-network.ts';
import { inForce } from '../support/in-force.ts';
import type { RunningStack } from '../support/running-stack.ts';
import { eventually, saveVm, saveVmByRename, startStack } from '../support/running-stack.ts';

const { skip } = networkTest();
const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };
const web2 = { name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.21' };

/** What was in force stays so while there is no directory. */
async function staysInForceWithout(stack: RunningStack): Promise<void> {
  await eventually('it is said', () => stack.watcherLog().includes('waiting for the vms directory'));
  assert.deepEqual(await stack.network.lookUp('web1.pvmlab.local'), [web1.ip]);
  assert.equal(await stack.network.requestLease(web1.mac), web1.ip);
}

for (const watch of ['events', 'poll'] as const) {
  test(
    `${watch}: a directory that goes away takes nothing with it, and on its return it counts`,
    { skip },
    async () => {
      await using stack = await startStack({ watch });
      await saveVm(stack.vmsDir, web1);
      await inForce(stack, 'web1', web1.ip);

      await rename(stack.vmsDir, `${stack.vmsDir}.away`);
      await staysInForceWithout(stack);
      await saveVm(`${stack.vmsDir}.away`, web2);
      await rename(`${stack.vmsDir}.away`, stack.vmsDir);

      await inForce(stack, 'web2', web2.ip);
      await saveVmByRename(stack.vmsDir, { ...web1, ip: '192.168.105.30' });
      await inForce(stack, 'web1', '192.168.105.30');
    },
  );

  test(`${watch}: a directory that is removed and made again is followed again`, { skip }, async () => {
    await using stack = await startStack({ watch });
    await saveVm(stack.vmsDir, web1);
    await inForce(stack, 'web1', web1.ip);

    // At one stroke: an empty directory would be one without definitions.
    await rename(stack.vmsDir, `${stack.vmsDir}.old`);
    await rm(`${stack.vmsDir}.old`, { recursive: true });
    await staysInForceWithout(stack);
    await mkdir(stack.vmsDir);
    await saveVm(stack.vmsDir, web2);

    await inForce(stack, 'web2', web2.ip);
    assert.deepEqual(await stack.network.lookUp('web1.pvmlab.local'), []);
    await saveVmByRename(stack.vmsDir, { ...web2, ip: '192.168.105.31' });
    await inForce(stack, 'web2', '192.168.105.31');
  });
}
