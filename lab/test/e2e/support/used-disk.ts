import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { run } from '@pxeboot/config/host/run';
import { createPhysicalVolume, writeRaid } from '@pxeboot/config/test/support/leftovers';

const timeoutMs = 60_000;
/** As the installer partitions, so that what lay in the old partitions lies in the new ones. */
const layout = 'label: gpt\nsize=300MiB\nname="old"\n';

/** Makes a disk that served another system before: a member of an md array, and a volume group.
 * @param path of the qcow2 file */
export async function makeUsedDisk(path: string): Promise<void> {
  const raw = `${path}.raw`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await run('truncate', ['--size=10G', raw], { timeoutMs });
    await run('sfdisk', ['--quiet', raw], { timeoutMs, input: layout });
    await onLoopDevice(raw, async (device) => {
      await writeRaid(`${device}p1`, 'start');
      await createPhysicalVolume(`${device}p2`);
      await run('vgcreate', ['--yes', '--quiet', 'oldgroup', `${device}p2`], { timeoutMs });
      assert.equal(await signatureOf(`${device}p1`), 'linux_raid_member');
      assert.equal(await signatureOf(`${device}p2`), 'LVM2_member');
    });
    await run('qemu-img', ['convert', '-O', 'qcow2', raw, path], { timeoutMs });
  } finally {
    await rm(raw, { force: true });
  }
}

/** partx(8) makes the partitions, since a test machine's kernel may know no GPT. */
async function onLoopDevice(image: string, act: (device: string) => Promise<void>): Promise<void> {
  const device = (await run('losetup', ['--find', '--show', image], { timeoutMs })).stdout.trim();
  try {
    await run('partx', ['--add', device], { timeoutMs });
    try {
      await act(device);
    } finally {
      await run('partx', ['--delete', device], { timeoutMs });
    }
  } finally {
    await run('losetup', ['--detach', device], { timeoutMs });
  }
}

async function signatureOf(device: string): Promise<string> {
  return (await run('blkid', ['-p', '-o', 'value', '-s', 'TYPE', device], { timeoutMs })).stdout.trim();
}
