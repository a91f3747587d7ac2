import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '@pxeboot/config/host/run';

const timeoutMs = 300_000;

export interface Partition {
  name?: string;
  /** In sectors. */
  start: number;
  size: number;
}

/** The partition table of a disk, and what a function finds in its root file system, which is mounted read-only meanwhile. The offset
 * is given to mount(8), since a test machine's kernel may know no GPT. A file system that was not cleanly unmounted cannot be mounted
 * so.
 * @param disk a qcow2 file that no machine uses */
export async function inspectDisk<T>(
  disk: string,
  look: (root: string) => Promise<T>,
): Promise<{ partitions: Partition[]; found: T }> {
  return withRawImage(disk, async (raw, mountPoint) => {
    const { partitions, sectorsize } = await readTable(raw);
    const root = partitions[1];
    if (root === undefined) throw new Error(`look into "${disk}": it has ${partitions.length} partitions, not two`);
    const [offset, limit] = [root.start * sectorsize, root.size * sectorsize];
    const options = `ro,loop,offset=${offset},sizelimit=${limit}`;
    await run('mount', ['-t', 'ext4', '-o', options, raw, mountPoint], { timeoutMs });
    try {
      return { partitions, found: await look(mountPoint) };
    } finally {
      await run('umount', [mountPoint], { timeoutMs });
    }
  });
}

/** Names of a disk's partitions.
 * @param disk a qcow2 file that no machine uses */
export async function partitionNames(disk: string): Promise<(string | undefined)[]> {
  return withRawImage(disk, async (raw) => (await readTable(raw)).partitions.map(({ name }) => name));
}

async function withRawImage<T>(disk: string, act: (raw: string, mountPoint: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'installed-disk-'));
  try {
    const [raw, mountPoint] = [join(directory, 'raw'), join(directory, 'root')];
    await mkdir(mountPoint);
    await run('qemu-img', ['convert', '-O', 'raw', disk, raw], { timeoutMs });
    return await act(raw, mountPoint);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readTable(image: string): Promise<{ partitions: Partition[]; sectorsize: number }> {
  const { stdout } = await run('sfdisk', ['--json', image], { timeoutMs });
  // sfdisk's own output.
  return (JSON.parse(stdout) as { partitiontable: { partitions: Partition[]; sectorsize: number } }).partitiontable;
}
