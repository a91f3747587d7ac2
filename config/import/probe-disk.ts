import { open } from 'node:fs/promises';

import { CommandError, run } from '../host/run.ts';
import type { FileSystemName } from './decide/fstab.ts';
import type { Partition } from './decide/partition-list.ts';
import { parsePartitions } from './decide/partition-list.ts';

const timeoutMs = 60_000;
/** blkid(8), EXIT STATUS. */
const nothingFound = 2;
const sectorSizes = [512, 4096];
const columns = 'NR,START,SECTORS,TYPE,UUID,NAME';

/** The partitions of a raw image, by its GPT or MBR; one without a table is a part of its own.
 * @throws HostError a program failed */
export async function listPartitions(raw: string): Promise<Partition[]> {
  for (const sectorSize of sectorSizes) {
    const args = ['--pairs', '--bytes', '--sector-size', String(sectorSize), '--output', columns, raw];
    const text = await run('partx', args, { timeoutMs }).then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        // It says so of an image without a table.
        if (error instanceof CommandError && error.exitCode === 1) return '';
        throw error;
      },
    );
    const found = parsePartitions(text);
    if (found.length > 0) return found;
  }
  return [{ number: 0, offset: 0, bytes: await sizeOf(raw), type: '', uuid: '', name: '' }];
}

/** What is in each partition, by blkid; a partition without anything known has an empty type.
 * @throws HostError a program failed */
export async function probeFileSystems(raw: string, partitions: readonly Partition[]): Promise<FileSystemName[]> {
  const found: FileSystemName[] = [];
  for (const partition of partitions) {
    const values = await probe(raw, partition);
    const name = (tag: string): string => values.get(tag) ?? '';
    found.push({ partition, type: name('TYPE'), uuid: name('UUID'), label: name('LABEL') });
  }
  return found;
}

async function probe(raw: string, { offset, bytes }: Partition): Promise<Map<string, string>> {
  const args = ['--probe', '--output', 'export', '--offset', String(offset), '--size', String(bytes), raw];
  try {
    const { stdout } = await run('blkid', args, { timeoutMs });
    // Special characters have a backslash before them.
    return new Map(
      stdout.split('\n').flatMap((line) => {
        const at = line.indexOf('=');
        return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).replaceAll(/\\(.)/g, '$1')] as const];
      }),
    );
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === nothingFound) return new Map();
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
