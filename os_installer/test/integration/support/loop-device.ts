import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { run } from '@pxeboot/config/host/run';

import { formatEsp } from '../../../src/steps/format-esp.ts';
import { formatRoot } from '../../../src/steps/format-root.ts';
import type { StepKind, StepOf } from '../../../src/steps/index.ts';
import { partition } from '../../../src/steps/partition.ts';
import { disk, plan, stepIn } from '../../unit/sample-machine.ts';
import { installationInto } from './installation.ts';

const timeoutMs = 60_000;
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** A disk of 4 GiB that takes no room.
 * @param roomMiB the disk takes no more than this: writing anything beyond fails, as in a VM whose host has no room left */
export async function loopDevice(context: TestContext, sectorBytes = 512, roomMiB?: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'disk-'));
  if (roomMiB !== undefined)
    await run('mount', ['-t', 'tmpfs', '-o', `size=${roomMiB}m`, 'disk', directory], { timeoutMs });
  const image = join(directory, 'image');
  await writeFile(image, '');
  await truncate(image, 4 * 2 ** 30);
  const args = ['--find', '--show', '--partscan', '--sector-size', String(sectorBytes), image];
  const device = (await run('losetup', args, { timeoutMs })).stdout.trim();
  context.after(async () => {
    await run('partx', ['--delete', device], { timeoutMs }).catch(() => undefined);
    await run('losetup', ['--detach', device], { timeoutMs });
    if (roomMiB !== undefined) await run('umount', [directory], { timeoutMs });
    await rm(directory, { recursive: true });
  });
  return device;
}

/** Steps of the plan for this disk. */
export function stepsOn(path: string): <Kind extends StepKind>(kind: Kind) => StepOf<Kind> {
  const { steps } = plan({ disks: [disk(path.replace('/dev/', ''))] });
  return <Kind extends StepKind>(kind: Kind) => stepIn(steps, kind);
}

/** Gives the root partition a name. */
export async function nameRoot(device: string, name: string): Promise<void> {
  await run('sfdisk', ['--quiet', '--part-label', device, '2', name], { timeoutMs });
  // A kernel that knows no GPT forgets the partitions when sfdisk has written.
  await run('partx', ['--update', device], { timeoutMs });
}

export interface Table {
  partitiontable: { label: string; sectorsize: number; partitions: { name: string; type: string; size: number }[] };
}

export async function readTable(device: string): Promise<Table['partitiontable']> {
  const { stdout } = await run('sfdisk', ['--json', device], { timeoutMs });
  // sfdisk's own output.
  return (JSON.parse(stdout) as Table).partitiontable;
}

/** What blkid(8) finds by looking at the device itself. */
export async function blkid(device: string): Promise<Record<string, string>> {
  const { stdout } = await run('blkid', ['-p', '-o', 'export', device], { timeoutMs });
  const pairs = stdout.split('\n').map((line): [string, string] => {
    const [name = '', value = ''] = line.split('=', 2);
    return [name, value];
  });
  return Object.fromEntries(pairs);
}

/** A disk with ESP and root, both formatted. */
export async function prepare(device: string): Promise<void> {
  const stepOf = stepsOn(device);
  const installation = installationInto('/nowhere');
  await partition.run(stepOf('partition'), installation);
  await formatEsp.run(stepOf('format-esp'), installation);
  await formatRoot.run(stepOf('format-root'), installation);
}

/** Makes a disk keep what nobody writes over, as most virtual disks do: mkfs cannot discard its old content. */
export async function withoutDiscard(device: string): Promise<string> {
  await writeFile(`/sys/block/${device.replace('/dev/', '')}/queue/discard_max_bytes`, '0');
  return device;
}
