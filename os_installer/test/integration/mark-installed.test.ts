import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import type { StatusEvent } from '@pxeboot/config/contract/status-event';
import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import { execute } from '../../src/execute.ts';
import { formatMarker } from '../../src/plan/marker.ts';
import { findInstalled } from '../../src/probe/installed-systems.ts';
import { runCommand } from '../../src/run-command.ts';
import type { StepOf } from '../../src/steps/index.ts';
import { markCommands } from '../../src/steps/mark-installed.ts';
import { partition } from '../../src/steps/partition.ts';
import type { ObservedInstallation } from './support/installation.ts';
import { installationInto } from './support/installation.ts';
import { loopDevice, readTable, stepsOn } from './support/loop-device.ts';
import { writeTree } from './support/tree.ts';

const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.ext4', 'mount');
const timeoutMs = 60_000;
const loader = 'EFI/BOOT/BOOTX64.EFI';
const marker = formatMarker({
  ...{ vm: 'web1', mac: '52:54:00:12:34:56', distro: 'debian-12', reinstall_token: '' },
  installed_at: '2026-01-02T03:04:05.000Z',
});

interface Finishing {
  device: string;
  step: StepOf<'mark-installed'>;
  installation: ObservedInstallation;
  reported: Pick<StatusEvent, 'step' | 'state'>[];
  finish(step?: StepOf<'mark-installed'>): Promise<void>;
}

/** A disk on which everything is done but the last step. */
async function allButTheLastStep(context: TestContext, waits = true): Promise<Finishing> {
  const device = await loopDevice(context);
  const target = await mkdtemp(join(tmpdir(), 'target-'));
  context.after(() => rm(target, { recursive: true }));
  const installation = installationInto(target);
  await partition.run(stepsOn(device)('partition'), installation);
  const tree = await writeTree(context, {
    'pxeboot-installed.json': marker,
    ...(waits ? { [`pxeboot-unfinished/${loader}`]: 'GRUB' } : {}),
  });
  await run('mkfs.ext4', ['-q', '-F', '-d', tree, `${device}p1`], { timeoutMs });
  const step = stepsOn(device)('mark-installed');
  const reported: Finishing['reported'] = [];
  const reporter = {
    report: (event: Finishing['reported'][number]) => reported.push(event),
    progress: () => undefined,
    flush: () => Promise.resolve(),
  };
  const finish = (given = step): Promise<void> => execute([given], installation, { reporter, failed: () => undefined });
  return { device, step, installation, reported, finish };
}

interface State {
  name: string | undefined;
  /** Firmware finds a loader. */
  starts: boolean;
  /** With install.once this disk is kept. */
  counts: boolean;
}

const onEsp = ['EFI', 'pxeboot-installed.json'];

async function stateOf(context: TestContext, device: string): Promise<State> {
  await run('partx', ['--update', device], { timeoutMs });
  const point = await mkdtemp(join(tmpdir(), 'look-'));
  context.after(() => rm(point, { recursive: true }));
  await run('mount', ['-t', 'ext4', '-o', 'ro', `${device}p1`, point], { timeoutMs });
  const starts = existsSync(join(point, loader));
  await run('umount', [point], { timeoutMs });
  const found = await findInstalled([{ path: device, sizeBytes: 1 }], 'ext4');
  assert.ok(
    found.every(({ problem }) => problem === undefined),
    JSON.stringify(found),
  );
  return { name: (await readTable(device)).partitions[1]?.name, starts, counts: found.length > 0 };
}

const installed: State = { name: 'root', starts: true, counts: true };
const unfinished: State = { name: 'installing', starts: false, counts: false };

test('the last step makes a disk that starts, is called installed and counts as such', requirements, async (t) => {
  const { device, installation, finish } = await allButTheLastStep(t);
  assert.deepEqual(await stateOf(t, device), unfinished);

  await finish();

  assert.deepEqual(await stateOf(t, device), installed);
  assert.deepEqual(await readdir(installation.site.target), []);
  await run('mount', ['-t', 'ext4', '-o', 'ro', `${device}p1`, installation.site.target], { timeoutMs });
  const names = await readdir(installation.site.target);
  await run('umount', [installation.site.target], { timeoutMs });
  assert.deepEqual(names.filter((name) => name !== 'lost+found').toSorted(), onEsp);
  assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), new RegExp(`${device}p`));
});

const named: State = { ...unfinished, name: 'root' };
for (const [after, expected] of [
  [0, unfinished],
  [1, named],
  [2, named],
  [3, installed],
  [4, installed],
] as const) {
  test(
    `cut off after ${after} of its commands it leaves an installed disk or one that does not start`,
    requirements,
    async (t) => {
      const { device, step, installation } = await allButTheLastStep(t);
      const { target } = installation.site;
      const { setName, mountEsp, showLoader, tidy } = markCommands(step, installation.site);

      for (const command of [setName, mountEsp, showLoader, tidy].slice(0, after)) {
        await runCommand(command);
        // A kernel that knows no GPT forgets the partitions when sfdisk has written.
        if (command === setName) await run('partx', ['--update', device], { timeoutMs });
      }
      if (after > 1) await run('umount', [target], { timeoutMs });

      assert.deepEqual(await stateOf(t, device), expected);
    },
  );
}

const faults: [string, (finishing: Finishing) => Promise<unknown>, RegExp][] = [
  ['names a partition that is not there', ({ finish, step }) => finish({ ...step, partition: 9 }), /sfdisk .* 9 root/],
  [
    'cannot mount the ESP',
    ({ installation, finish }) => {
      installation.site.espType = 'xfs';
      return finish();
    },
    /mount -t xfs/,
  ],
  [
    'cannot unmount the ESP',
    async ({ installation, finish }) => {
      const { target } = installation.site;
      let held: number | undefined;
      const watching = setInterval(() => {
        if (existsSync(join(target, loader))) held ??= openSync(join(target, loader), 'r');
      }, 0);
      try {
        await finish();
      } finally {
        clearInterval(watching);
        if (held !== undefined) closeSync(held);
        await run('umount', [target], { timeoutMs });
      }
    },
    /umount .*busy/,
  ],
];

for (const [what, act, reason] of faults) {
  test(`a last step that ${what} leaves a disk as after any other failure`, requirements, async (context) => {
    const finishing = await allButTheLastStep(context);

    await assert.rejects(act(finishing), reason);

    assert.deepEqual(await stateOf(context, finishing.device), unfinished);
    assert.deepEqual(
      finishing.reported.map(({ step, state }) => [step, state]),
      [
        ['mark-installed', 'started'],
        ['mark-installed', 'failed'],
      ],
    );
  });
}

test(
  'a last step that finds no boot loader leaves a disk as after any other failure',
  requirements,
  async (context) => {
    const { device, finish } = await allButTheLastStep(context, false);

    await assert.rejects(finish(), /mv -T .*No such file or directory/);

    assert.equal((await readTable(device)).partitions[1]?.name, 'installing');
    assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), new RegExp(`${device}p`));
  },
);

test('a disk that lost its loader later is still an installed one', requirements, async (context) => {
  const { device, finish } = await allButTheLastStep(context);
  await finish();
  const point = await mkdtemp(join(tmpdir(), 'lose-'));
  context.after(() => rm(point, { recursive: true }));
  await run('partx', ['--update', device], { timeoutMs });
  await run('mount', ['-t', 'ext4', `${device}p1`, point], { timeoutMs });
  await rm(join(point, 'EFI'), { recursive: true });
  await mkdir(join(point, 'other'));
  await run('umount', [point], { timeoutMs });

  assert.deepEqual(await stateOf(context, device), { ...installed, starts: false });
});
