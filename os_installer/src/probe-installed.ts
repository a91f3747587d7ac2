import { mkdtemp, readFile, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeError, isErrno } from '@pxeboot/config/errors';
import type { Disk } from '@pxeboot/config/hardware-facts';
import { run } from '@pxeboot/config/run';

import type { InstalledSystem } from './marker.ts';
import { markerName, parseMarker } from './marker.ts';
import { espName, finishedName, partitionPath } from './plan.ts';

const timeoutMs = 60_000;

/** Looks on every disk for a system that an earlier installation has completed. Changes nothing: the ESP is mounted
 * read-only for a moment.
 * @param fileSystem of the ESP */
export async function findInstalled(
  disks: readonly Pick<Disk, 'path'>[],
  fileSystem = 'vfat',
): Promise<InstalledSystem[]> {
  const systems: InstalledSystem[] = [];
  for (const { path } of disks) {
    if (!(await isComplete(path))) continue;
    systems.push({ disk: path, ...(await readMarker(partitionPath(path, 1), fileSystem)) });
  }
  return systems;
}

/** A complete disk has our two partitions, and the root partition's name says that the last step was reached. */
async function isComplete(disk: string): Promise<boolean> {
  // sfdisk fails for a disk without a partition table.
  const result = await run('sfdisk', ['--json', disk], { timeoutMs }).catch(() => undefined);
  if (result === undefined) return false;
  // sfdisk's own output.
  const { partitiontable } = JSON.parse(result.stdout) as { partitiontable?: { partitions?: { name?: string }[] } };
  const names = partitiontable?.partitions?.map(({ name }) => name) ?? [];
  return names[0] === espName && names[1] === finishedName;
}

async function readMarker(esp: string, fileSystem: string): Promise<Pick<InstalledSystem, 'marker' | 'problem'>> {
  const point = await mkdtemp(join(tmpdir(), 'esp-'));
  try {
    await run('mount', ['-t', fileSystem, '-o', 'ro', esp, point], { timeoutMs });
    try {
      const marker = parseMarker(await readFile(join(point, markerName), 'utf8'));
      return marker === undefined ? { problem: `"${markerName}" on ${esp} is malformed` } : { marker };
    } finally {
      await run('umount', [point], { timeoutMs });
    }
  } catch (error) {
    return isErrno(error, 'ENOENT') ? {} : { problem: describeError(error) };
  } finally {
    await rmdir(point);
  }
}
