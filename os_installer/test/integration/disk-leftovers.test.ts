import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { createPhysicalVolume, writeRaid, writeZfs } from '@pxeboot/config/test/support/leftovers';
import { needs } from '@pxeboot/config/test/support/requirements';

import { partition } from '../../src/steps/partition.ts';
import { installationInto } from './support/installation.ts';
import { blkid, loopDevice, prepare, readTable, stepsOn, withoutDiscard } from './support/loop-device.ts';

const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.fat', 'mkfs.ext4', 'blkid', 'blockdev');
const timeoutMs = 60_000;

/** The same layout as ours, so that the old partition lies where the new one will. @returns the second partition */
async function partitionLikeOurs(device: string): Promise<string> {
  await partition.run(stepsOn(device)('partition'), installationInto('/nowhere'));
  return `${device}p2`;
}

/** The volume descriptor of a CD image: ECMA-119, 8.4; it lies behind what a GPT or ext4 overwrites. */
async function writeIso(device: string): Promise<string> {
  const descriptor = Buffer.alloc(2048, ' ');
  descriptor.write('\x01CD001\x01\0');
  const file = await open(device, 'r+');
  await file.write(descriptor, 0, descriptor.length, 32_768);
  await file.close();
  return device;
}

/** Every signature that wipefs(8) finds, also those behind the first. */
async function signatures(device: string): Promise<string[]> {
  const { stdout } = await run('wipefs', ['--noheadings', '--output', 'TYPE', device], { timeoutMs });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Makes what a former owner left; every signature is found there before, and none but ours afterwards. */
const leftovers: [string, string, (device: string) => Promise<string>][] = [
  ['an LVM physical volume on the whole disk', 'LVM2_member', (device) => createPhysicalVolume(device)],
  [
    'an LVM physical volume where root will be',
    'LVM2_member',
    async (device) => createPhysicalVolume(await partitionLikeOurs(device)),
  ],
  ['an md array (1.0, at the end) on the whole disk', 'linux_raid_member', (device) => writeRaid(device, 'end')],
  ['an md array (1.2, at the start) on the whole disk', 'linux_raid_member', (device) => writeRaid(device, 'start')],
  [
    'an md array (1.0, at the end) where root will be',
    'linux_raid_member',
    async (device) => writeRaid(await partitionLikeOurs(device), 'end'),
  ],
  [
    'an md array (1.2, at the start) where root will be',
    'linux_raid_member',
    async (device) => writeRaid(await partitionLikeOurs(device), 'start'),
  ],
  ['a ZFS vdev on the whole disk', 'zfs_member', (device) => writeZfs(device)],
  ['a ZFS vdev where root will be', 'zfs_member', async (device) => writeZfs(await partitionLikeOurs(device))],
  ['a CD image on the whole disk', 'iso9660', (device) => writeIso(device)],
  ['a CD image where root will be', 'iso9660', async (device) => writeIso(await partitionLikeOurs(device))],
  [
    'swap space where root will be',
    'swap',
    async (device) => {
      const root = await partitionLikeOurs(device);
      await run('mkswap', [root], { timeoutMs });
      return root;
    },
  ],
  [
    'a file system where root will be',
    'ext4',
    async (device) => {
      const root = await partitionLikeOurs(device);
      await run('mkfs.ext4', ['-q', '-F', '-L', 'old', root], { timeoutMs });
      return root;
    },
  ],
];

for (const [what, type, leave] of leftovers) {
  test(`nothing is left of ${what}`, { ...needs('pvcreate', 'wipefs', 'mkswap'), ...requirements }, async (context) => {
    const device = await withoutDiscard(await loopDevice(context));
    const where = await leave(device);
    assert.equal((await blkid(where))['TYPE'], type, 'the old signature is there');

    await prepare(device);

    assert.deepEqual(await signatures(device), ['gpt', 'gpt', 'PMBR']);
    assert.deepEqual(await signatures(`${device}p1`), ['vfat', 'vfat', 'vfat']);
    assert.deepEqual(await signatures(`${device}p2`), ['ext4']);
    assert.equal((await blkid(`${device}p2`))['LABEL'], 'cloudimg-rootfs');
  });
}

test(
  'what sfdisk does not know of is cleared too: blkid of another release would call our root ambivalent',
  requirements,
  async (t) => {
    const device = await withoutDiscard(await loopDevice(t));
    await partitionLikeOurs(device);
    for (const place of [device, `${device}p1`, `${device}p2`]) await writeZfs(place);
    await run('sfdisk', ['--quiet', '--wipe', 'never', device], {
      timeoutMs,
      input: stepsOn(device)('partition').script,
    });
    const wrapper = await mkdtemp(join(tmpdir(), 'sfdisk-'));
    t.after(() => rm(wrapper, { recursive: true }));
    const real = (await run('sh', ['-c', 'command -v sfdisk'], { timeoutMs })).stdout.trim();
    const script = `#!/bin/sh\nfor word; do shift; [ "$word" = always ] && word=never; set -- "$@" "$word"; done\nexec ${real} "$@"\n`;
    await writeFile(join(wrapper, 'sfdisk'), script, { mode: 0o755 });
    const path = process.env['PATH'] ?? '';
    t.after(() => (process.env['PATH'] = path));
    process.env['PATH'] = `${wrapper}:${path}`;

    await prepare(device);

    assert.deepEqual(await signatures(device), ['gpt', 'gpt', 'PMBR']);
    assert.deepEqual(await signatures(`${device}p2`), ['ext4']);
    assert.equal((await blkid(`${device}p2`))['TYPE'], 'ext4');
    assert.equal((await readTable(device)).label, 'gpt');
  },
);
