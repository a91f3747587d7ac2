import assert from 'node:assert/strict';
import { test } from 'node:test';

import { run } from '@pxeboot/config/run';

import { formatEsp, formatRoot } from '../../src/executors/format.ts';
import { markInstalled, partition } from '../../src/executors/partition.ts';
import { finishedName } from '../../src/plan.ts';
import { installationInto } from './support/installation.ts';
import { blkid, loopDevice, readTable, stepsOn } from './support/loop-device.ts';
import { needs } from './support/requirements.ts';

const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.fat', 'mkfs.ext4', 'fsck.fat', 'e2fsck', 'blkid');
const timeoutMs = 60_000;

async function prepare(device: string): Promise<void> {
  const stepOf = stepsOn(device);
  const installation = installationInto('/nowhere');
  await partition(stepOf('partition'), installation);
  await formatEsp(stepOf('format-esp'), installation);
  await formatRoot(stepOf('format-root'), installation);
}

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
    await markInstalled(stepsOn(device)('mark-installed'), installationInto('/nowhere'), finishedName);
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

test('a disk that is not there fails by name', requirements, async () => {
  const stepOf = stepsOn('/dev/no-such-disk');

  await assert.rejects(partition(stepOf('partition'), installationInto('/nowhere')), /sfdisk .*\/dev\/no-such-disk/);
});
