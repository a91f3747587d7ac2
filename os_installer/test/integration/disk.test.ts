import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import { execute } from '../../src/execute.ts';
import { createReporter } from '../../src/report/reporter.ts';
import { formatEsp } from '../../src/steps/format-esp.ts';
import { formatRoot } from '../../src/steps/format-root.ts';
import { mountRoot } from '../../src/steps/mount-root.ts';
import { partition } from '../../src/steps/partition.ts';
import { installationInto } from './support/installation.ts';
import { blkid, loopDevice, nameRoot, prepare, readTable, stepsOn } from './support/loop-device.ts';

const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.fat', 'mkfs.ext4', 'fsck.fat', 'e2fsck', 'blkid');
const timeoutMs = 60_000;

for (const sectorBytes of [512, 4096]) {
  test(`a disk with sectors of ${sectorBytes} bytes gets ESP and root, both sound`, requirements, async (context) => {
    const device = await loopDevice(context, sectorBytes);

    await prepare(device);

    const table = await readTable(device);
    assert.equal(table.label, 'gpt');
    assert.deepEqual(
      table.partitions.map(({ name, type }) => [name, type]),
      [
        ['ESP', 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'],
        ['installing', '0FC63DAF-8483-4772-8E79-3D69D8477DE4'],
      ],
    );
    assert.equal((table.partitions[0]?.size ?? 0) * sectorBytes, 300 * 2 ** 20);
    const [esp, root] = [await blkid(`${device}p1`), await blkid(`${device}p2`)];
    assert.deepEqual([esp['TYPE'], esp['LABEL'], esp['VERSION'], esp['UUID']], ['vfat', 'UEFI', 'FAT32', 'ABCD-1234']);
    assert.deepEqual([root['TYPE'], root['LABEL']], ['ext4', 'cloudimg-rootfs']);
    assert.equal(root['UUID'], '0e2d9d0c-1111-4222-8333-444455556666');
    await run('fsck.fat', ['-n', `${device}p1`], { timeoutMs });
    await run('e2fsck', ['-f', '-n', `${device}p2`], { timeoutMs });
  });
}

test(
  'a disk that was installed before is not an installed one while it is installed again',
  requirements,
  async (t) => {
    const device = await loopDevice(t);
    await prepare(device);
    await nameRoot(device, 'root');
    assert.deepEqual(
      (await readTable(device)).partitions.map(({ name }) => name),
      ['ESP', 'root'],
    );

    await prepare(device);

    assert.deepEqual(
      (await readTable(device)).partitions.map(({ name }) => name),
      ['ESP', 'installing'],
    );
    await run('e2fsck', ['-f', '-n', `${device}p2`], { timeoutMs });
  },
);

test('the old signatures of a whole-disk file system are gone', requirements, async (context) => {
  const device = await loopDevice(context);
  await run('mkfs.ext4', ['-q', '-F', device], { timeoutMs });

  await prepare(device);

  assert.equal((await blkid(device))['PTTYPE'], 'gpt');
  assert.equal((await blkid(device))['TYPE'], undefined);
});

test('the disk is locked while it is partitioned: who holds the lock is waited for', requirements, async (context) => {
  const device = await loopDevice(context);
  const holder = spawn('flock', [
    device,
    'sh',
    '-c',
    'echo locked; sleep 1; blkid -p -o value -s PTTYPE "$0"; exit 0',
    device,
  ]);
  const [first] = (await once(holder.stdout, 'data')) as [Buffer];
  const rest = text(holder.stdout);

  await partition.run(stepsOn(device)('partition'), installationInto('/nowhere'));

  assert.equal(first.toString(), 'locked\n');
  assert.equal(await rest, '', 'a table was written while somebody else held the lock');
  assert.equal((await readTable(device)).label, 'gpt');
});

test('a file system is made though the node vanishes for a moment', requirements, async (context) => {
  const device = await loopDevice(context);
  const stepOf = stepsOn(device);
  const installation = installationInto('/nowhere');
  await partition.run(stepOf('partition'), installation);
  const directory = await mkdtemp(join(tmpdir(), 'nodes-'));
  context.after(() => rm(directory, { recursive: true }));
  const [esp, root] = [join(directory, 'esp'), join(directory, 'root')];
  const appearing = sleep(300).then(() => Promise.all([symlink(`${device}p1`, esp), symlink(`${device}p2`, root)]));

  await Promise.all([
    formatEsp.run({ ...stepOf('format-esp'), device: esp }, installation),
    formatRoot.run({ ...stepOf('format-root'), device: root }, installation),
    appearing,
  ]);

  assert.equal((await blkid(`${device}p1`))['TYPE'], 'vfat');
  assert.equal((await blkid(`${device}p2`))['TYPE'], 'ext4');
  assert.equal(installation.lines.filter((line) => line.includes('the device node vanished')).length, 2);
});

test('a file system that cannot be made on a node that is there is not tried again', requirements, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'nodes-'));
  context.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'small');
  await writeFile(file, 'too small');
  const installation = installationInto('/nowhere');

  await assert.rejects(
    formatRoot.run({ ...stepsOn('/dev/vda')('format-root'), device: file }, installation),
    /mkfs\.ext4 .*exited with/,
  );
  assert.ok(!installation.lines.some((line) => line.includes('vanished')));
});

test('a disk that somebody has mounted after it was chosen is not touched', requirements, async (context) => {
  const device = await loopDevice(context);
  await prepare(device);
  await nameRoot(device, 'root');
  const point = await mkdtemp(join(tmpdir(), 'mounted-'));
  context.after(() => rm(point, { recursive: true }));
  await run('mount', [`${device}p2`, point], { timeoutMs });

  const outcome = await partition
    .run(stepsOn(device)('partition'), installationInto('/nowhere'))
    .catch((error: unknown) => error);
  await run('umount', [point], { timeoutMs });

  assert.match(String(outcome), /sfdisk .*This disk is currently in use/);
  assert.equal((await readTable(device)).partitions[1]?.name, 'root');
  assert.equal((await blkid(`${device}p1`))['LABEL'], 'UEFI');
  await run('e2fsck', ['-f', '-n', `${device}p2`], { timeoutMs });
});

test('what the disk did not take is noticed before it is called installed', requirements, async (context) => {
  const device = await loopDevice(context, 512, 100);
  await prepare(device);
  const target = await mkdtemp(join(tmpdir(), 'target-'));
  context.after(() => rm(target, { recursive: true }));
  const stepOf = stepsOn(device);
  const installation = installationInto(target);
  await mountRoot.run(stepOf('mount-root'), installation);
  await mkdir(join(target, 'boot/efi'), { recursive: true });
  // Succeeds: it is in memory only.
  await writeFile(join(target, 'data'), randomBytes(150 * 2 ** 20));
  const reporter = createReporter('', installation.log);

  await assert.rejects(
    execute([stepOf('unmount'), stepOf('mark-installed')], installation, { reporter, failed: () => undefined }),
    /sync -f .*: exited with 1 .*Input\/output error/,
  );

  assert.equal((await readTable(device)).partitions[1]?.name, 'installing');
  assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), new RegExp(device));
});

test('a disk that is not there fails by name', requirements, async () => {
  const stepOf = stepsOn('/dev/no-such-disk');

  await assert.rejects(
    partition.run(stepOf('partition'), installationInto('/nowhere')),
    /sfdisk .*\/dev\/no-such-disk/,
  );
});
