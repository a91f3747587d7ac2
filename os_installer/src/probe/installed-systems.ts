import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Disk } from '@pxeboot/config/contract/hardware-facts';
import { exists, readIfThere } from '@pxeboot/config/host/files';
import { CommandError, run } from '@pxeboot/config/host/run';
import { describeError } from '@pxeboot/config/kit/errors';

import { espName, espNumber, espType, finishedName, partitionPath, rootNumber } from '../plan/disk-layout.ts';
import type { InstalledSystem } from '../plan/marker.ts';
import { markerName, parseMarker, waitingName } from '../plan/marker.ts';

const timeoutMs = 60_000;

/** What was found on a disk, less its name; undefined: no complete system. */
type Found = Omit<InstalledSystem, 'disk'> | undefined;

/** Looks on every disk for a system that an earlier installation has completed. Changes nothing: the ESP is mounted
 * read-only for a moment. What cannot be read is never taken for nothing.
 * @param fileSystem of the ESP */
export async function findInstalled(
  disks: readonly Pick<Disk, 'path' | 'sizeBytes'>[],
  fileSystem = espType,
): Promise<InstalledSystem[]> {
  const systems: InstalledSystem[] = [];
  for (const { path } of disks.filter(({ sizeBytes }) => sizeBytes > 0)) {
    const found = await look(path, fileSystem);
    if (found !== undefined) systems.push({ disk: path, ...found });
  }
  return systems;
}

/** A complete disk has our two partitions, the root partition has its final name, and no boot loader waits on the ESP. */
async function look(disk: string, fileSystem: string): Promise<Found> {
  try {
    const names = await partitionNames(disk);
    if (names[espNumber - 1] !== espName || names[rootNumber - 1] !== finishedName) return undefined;
    return await readEsp(partitionPath(disk, espNumber), fileSystem);
  } catch (error) {
    return { problem: describeError(error) };
  }
}

/** @returns none for a disk without a partition table */
async function partitionNames(disk: string): Promise<(string | undefined)[]> {
  try {
    const { stdout } = await run('sfdisk', ['--json', disk], { timeoutMs, env: { LC_ALL: 'C' } });
    // sfdisk's own output.
    const { partitiontable } = JSON.parse(stdout) as { partitiontable?: { partitions?: { name?: string }[] } };
    return partitiontable?.partitions?.map(({ name }) => name) ?? [];
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes('does not contain a recognized partition table'))
      return [];
    throw error;
  }
}

async function readEsp(esp: string, fileSystem: string): Promise<Found> {
  const point = await mkdtemp(join(tmpdir(), 'esp-'));
  try {
    await run('mount', ['-t', fileSystem, '-o', 'ro', esp, point], { timeoutMs });
    try {
      return (await loaderWaits(point)) ? undefined : await readMarker(point, esp);
    } finally {
      await run('umount', [point], { timeoutMs });
    }
  } finally {
    await rmdir(point);
  }
}

/** The machine was switched off in the last step of an installation. */
async function loaderWaits(point: string): Promise<boolean> {
  return (await exists(join(point, waitingName, 'EFI'))) && !(await exists(join(point, 'EFI')));
}

async function readMarker(point: string, esp: string): Promise<Found> {
  const text = await readIfThere(join(point, markerName), `"${markerName}" on ${esp}`);
  if (text === undefined) return {};
  const marker = parseMarker(text);
  return marker === undefined ? { problem: `"${markerName}" on ${esp} is malformed` } : { marker };
}
