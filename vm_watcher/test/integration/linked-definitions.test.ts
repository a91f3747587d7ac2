import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { lookMs } from '../../src/schedule.ts';
import { networkTest } from '../support/guest-network.ts';
import type { RunningStack, WrittenVm } from '../support/running-stack.ts';
import { eventually, startStack, vmJson } from '../support/running-stack.ts';

const { skip } = networkTest();
const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };

/** As Kubernetes mounts a ConfigMap: the files of a version are in a directory of its own, and one link is swapped. */
test('definitions that are links into a directory next to them follow the swap of its link', { skip }, async () => {
  await using stack = await startStack();
  const at = (file: string) => join(stack.vmsDir, file);
  const publish = async (version: string, vm: WrittenVm) => {
    await mkdir(at(version));
    await writeFile(join(at(version), 'web1.json'), vmJson(vm));
    await symlink(version, at('..data_tmp'));
    await rename(at('..data_tmp'), at('..data'));
  };
  await publish('..1', web1);
  await symlink('..data/web1.json', at('web1.json'));
  await eventually('web1 is known', async () => (await stack.network.lookUp('web1.pvmlab.local')).includes(web1.ip));

  await publish('..2', { ...web1, ip: '192.168.105.77' });
  await rm(at('..1'), { recursive: true });

  await eventually('the new version is active', async () => {
    return (await stack.network.lookUp('web1.pvmlab.local')).includes('192.168.105.77');
  });
  assert.doesNotMatch(stack.watcherLog(), /vm removed|fault=/);
});

test('a definition that a link leads to is followed when it is edited in its place', { skip }, async () => {
  await using stack = await startStack();
  const at = (file: string) => join(stack.vmsDir, file);
  await mkdir(at('defs/rack1'), { recursive: true });
  await writeFile(at('defs/rack1/web1.json'), vmJson(web1));
  await symlink('defs/rack1/web1.json', at('web1.json'));
  await eventually('web1 is known', async () => (await stack.network.lookUp('web1.pvmlab.local')).includes(web1.ip));
  await eventually('the directory is watched', () => stack.watcherLog().includes('/defs/rack1'));

  for (const ip of ['192.168.105.78', '192.168.105.79']) {
    await writeFile(at('defs/rack1/web1.json'), vmJson({ ...web1, ip }));

    const ms = await eventually('the change is active', async () => {
      return (await stack.network.lookUp('web1.pvmlab.local')).includes(ip);
    });
    assert.ok(ms < 5000, `took ${ms} ms`);
  }
  assert.doesNotMatch(stack.watcherLog(), /file events do not arrive/);
});

/** Saves a file again and again during some looks at the directory, each of which may change what is watched. */
async function assertNoticed(stack: RunningStack, file: string): Promise<void> {
  const endsAt = performance.now() + 4 * lookMs;
  for (let last = 78; performance.now() < endsAt; last++) {
    const ip = `192.168.105.${last}`;
    await writeFile(join(stack.vmsDir, file), vmJson({ ...web1, ip }));

    const ms = await eventually('the edit is active', async () => {
      return (await stack.network.lookUp('web1.pvmlab.local')).includes(ip);
    });

    assert.ok(ms < 5000, `took ${ms} ms`);
  }
  assert.doesNotMatch(stack.watcherLog(), /file events do not arrive/);
}

test('when a link between definitions goes, edits are still noticed at once', { skip }, async () => {
  await using stack = await startStack();
  const at = (file: string) => join(stack.vmsDir, file);
  await writeFile(at('web1.v2'), vmJson(web1));
  await symlink('web1.v2', at('web1.json'));
  await eventually('web1 is known', async () => (await stack.network.lookUp('web1.pvmlab.local')).includes(web1.ip));
  await assertNoticed(stack, 'web1.v2');
  await rm(at('web1.json'));
  await eventually('web1 is gone', async () => (await stack.network.lookUp('web1.pvmlab.local')).length === 0);

  await assertNoticed(stack, 'web1.json');
});

test('a link that is turned to a directory below the last one is followed there', { skip }, async () => {
  await using stack = await startStack();
  const at = (file: string) => join(stack.vmsDir, file);
  await mkdir(at('defs/v2'), { recursive: true });
  await writeFile(at('defs/web1.json'), vmJson(web1));
  await writeFile(at('defs/v2/web1.json'), vmJson(web1));
  await symlink('defs/web1.json', at('web1.json'));
  await eventually('the first is watched', () => stack.watcherLog().includes('/defs\n'));
  await symlink('defs/v2/web1.json', at('.next'));
  await rename(at('.next'), at('web1.json'));
  await eventually('the second is watched', () => stack.watcherLog().includes('/defs/v2\n'));

  await assertNoticed(stack, 'defs/v2/web1.json');
});
