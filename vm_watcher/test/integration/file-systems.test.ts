import assert from 'node:assert/strict';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { run } from '@pxeboot/config/host/run';

import { networkTest } from '../support/guest-network.ts';
import { hostsFile, inForce } from '../support/in-force.ts';
import type { FileSystem } from '../support/mounted-directory.ts';
import { programsFor, mountOn } from '../support/mounted-directory.ts';
import type { RunningStack } from '../support/running-stack.ts';
import { eventually, saveVm, saveVmByRename, startStack, vmJson } from '../support/running-stack.ts';

const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };

/** Truncates and writes piece by piece. @param between runs while the file is not complete */
async function writeInPieces(path: string, text: string, between: () => Promise<void>): Promise<void> {
  const handle = await open(path, 'w');
  for (let at = 0; at < text.length; at += 40) {
    await sleep(100);
    await between();
    await handle.write(text.slice(at, at + 40));
  }
  await handle.close();
}

/** Each way in which people and programs save; every one must be in force by itself. */
async function saveInEveryWay(stack: RunningStack, t: TestContext): Promise<void> {
  const { vmsDir } = stack;
  const file = join(vmsDir, 'web1.json');
  const seconds: string[] = [];
  const measure = async (edit: string, ip: string) => seconds.push(`${edit} ${await inForce(stack, 'web1', ip)} s`);

  await saveVm(vmsDir, web1);
  await measure('new file', web1.ip);
  await saveVmByRename(vmsDir, { ...web1, ip: '192.168.105.30' });
  await measure('rename over', '192.168.105.30');
  await writeFile(file, vmJson({ ...web1, ip: '192.168.105.31' }));
  await measure('rewritten in place', '192.168.105.31');
  await writeInPieces(file, vmJson({ ...web1, ip: '192.168.105.32' }), async () => {
    assert.match(await hostsFile(stack), /^192\.168\.105\.31 web1\./, 'the last good version stays in force');
  });
  await measure('written in slow pieces', '192.168.105.32');

  await writeFile(join(vmsDir, '.web1.json.swp'), 'b0VIM 9.0');
  await writeFile(join(vmsDir, '4913'), '');
  await rm(join(vmsDir, '4913'));
  await rename(file, `${file}~`);
  await writeFile(file, vmJson({ ...web1, ip: '192.168.105.33' }));
  await rm(`${file}~`);
  await rm(join(vmsDir, '.web1.json.swp'));
  await measure('editor with backup and swap file', '192.168.105.33');

  await rm(file);
  await eventually('web1 is gone', async () => (await hostsFile(stack)) === '');
  await saveVm(vmsDir, { ...web1, ip: '192.168.105.34' });
  await measure('removed and made again', '192.168.105.34');

  for (let n = 0; n < 200; n++) {
    const pair = n.toString(16).padStart(2, '0');
    await saveVm(vmsDir, { name: `vm${n}`, mac: `52:54:00:aa:cc:${pair}`, ip: `10.0.0.${n + 1}` });
  }
  const many = await eventually('200 files', async () => (await hostsFile(stack)).split('\n').length === 202);
  seconds.push(`200 at once ${(many / 1000).toFixed(2)} s`);
  t.diagnostic(seconds.join(', '));
}

const decisions: Record<FileSystem, RegExp> = {
  local: / watching vms=\S+ mode=events reason="the file system is /,
  tmpfs: / watching vms=\S+ mode=events reason="the file system is tmpfs"/,
  fuse: / watching vms=\S+ mode=poll reason="the file system is fuse/,
  overlay: / watching vms=\S+ mode=events reason="the file system is an overlay of local ones"/,
  frozen: / watching vms=\S+ mode=poll reason="the file system is fuse/,
};

for (const fileSystem of ['local', 'tmpfs', 'fuse'] as const) {
  const requirements = networkTest(...programsFor(fileSystem));

  test(`on ${fileSystem} every way of saving comes into force by itself`, requirements, async (t) => {
    await using stack = await startStack({ fileSystem });
    assert.match(stack.watcherLog(), decisions[fileSystem]);

    await saveInEveryWay(stack, t);
  });
}

test('polled by setting, every way of saving comes into force by itself', networkTest(), async (t) => {
  await using stack = await startStack({ watch: 'poll' });
  assert.match(stack.watcherLog(), / watching vms=\S+ mode=poll reason="VMS_WATCH is \\"poll\\""/);

  await saveInEveryWay(stack, t);
});

test(
  'a directory whose changes no event announces is polled from the first such change on',
  networkTest(),
  async () => {
    await using stack = await startStack({ fileSystem: 'overlay' });
    assert.match(stack.watcherLog(), decisions.overlay);
    // Until a look after its start a watch is given the benefit of the doubt.
    await sleep(2500);

    await saveVm(stack.vmsDir, web1);
    await inForce(stack, 'web1', web1.ip);

    await eventually('it says why', () =>
      stack.watcherLog().includes('mode=poll reason="the directory changed without an event"'),
    );
    await saveVm(stack.vmsDir, { ...web1, ip: '192.168.105.40' });
    await inForce(stack, 'web1', '192.168.105.40');
  },
);

test('events asked for stay, and what they miss is said once', networkTest(), async () => {
  await using stack = await startStack({ fileSystem: 'overlay', watch: 'events' });

  for (const ip of ['192.168.105.41', '192.168.105.42']) {
    await saveVmByRename(stack.vmsDir, { ...web1, ip });
    await sleep(2500);
  }

  assert.equal(stack.watcherLog().match(/ file events do not arrive .*fix="set VMS_WATCH=auto"/g)?.length, 1);
  assert.doesNotMatch(stack.watcherLog(), /mode=poll/);
});

for (const fileSystem of ['tmpfs', 'fuse'] as const) {
  const requirements = networkTest(...programsFor(fileSystem));

  test(`a ${fileSystem} that is unmounted and mounted again is followed again`, requirements, async () => {
    await using stack = await startStack({ fileSystem });
    await saveVm(stack.vmsDir, web1);
    await inForce(stack, 'web1', web1.ip);

    await run('umount', ['--lazy', stack.watchedDir], { timeoutMs: 5000 });
    // The empty mount point is a vms directory without files.
    await eventually('it is gone', async () => (await hostsFile(stack)) === '');
    await mountOn(fileSystem, stack.watchedDir, stack.vmsDir, stack.directory);
    await saveVm(stack.vmsDir, { ...web1, ip: '192.168.105.50' });
    await inForce(stack, 'web1', '192.168.105.50');

    await saveVmByRename(stack.vmsDir, { ...web1, ip: '192.168.105.51' });
    await inForce(stack, 'web1', '192.168.105.51');
  });
}

test('a setting that does not exist ends the start with its name, value and what is possible', async () => {
  const main = join(import.meta.dirname, '../../src/main.ts');

  await assert.rejects(run('env', ['VMS_WATCH=often', process.execPath, main], { timeoutMs: 10_000 }), {
    exitCode: 2,
  });
  const { stdout } = await run('sh', ['-c', `VMS_WATCH=often "$0" "$1" || true`, process.execPath, main], {
    timeoutMs: 10_000,
  });
  assert.match(stdout, /environment \/VMS_WATCH \\"often\\": is none of the possible values; use one of \\"auto\\"/);
});
