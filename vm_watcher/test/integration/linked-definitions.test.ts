import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { networkTest } from '../support/guest-network.ts';
import type { WrittenVm } from '../support/running-stack.ts';
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
