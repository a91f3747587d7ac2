import { open } from 'node:fs/promises';

import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Context } from '../context.ts';
import type { ByteRange } from '../plan/disk-ends.ts';
import { diskEnds, endBytes, partitionEnds } from '../plan/disk-ends.ts';
import { partitionScript } from '../plan/disk-layout.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { waitForNode, withNode } from './shared/device-node.ts';
import { kernelLog } from './shared/hints.ts';
import { settle } from './shared/partition-table.ts';

export interface Partition {
  disk: string;
  /** Logical sectors, which the table is counted in. */
  sectorBytes: number;
  /** Input of sfdisk(8). */
  script: string;
  /** Paths of what it makes. */
  partitions: string[];
  destroys: string;
}

/** Writes the partition table in place of whatever the disk held, waits for the partitions' device nodes, and clears both ends of disk and
 * partitions. sfdisk wipes what its own release of libblkid takes for a signature, and another release, in the new system, may take
 * more for one: since util-linux 2.41 the uberblocks of a ZFS label are not, and blkid(8) of 2.38 calls our root "ambivalent" for them. */
export const partition: StepDefinition<Partition> = {
  plan: ({ disk, esp, root, hardware }) => ({
    disk,
    sectorBytes: hardware.disks.find(({ path }) => path === disk)?.logicalSectorBytes ?? 512,
    script: partitionScript(),
    partitions: [esp, root],
    destroys: disk,
  }),
  describe: ({ disk }) => `partition ${disk} (GPT: ESP and root)`,
  lines: (step) => [
    ...commandLines({ writeTable: writeTable(step), settle }),
    `write zeros over ${endBytes / 2 ** 20} MiB at both ends of ${[...step.partitions, step.disk].join(', ')}, but not over the table`,
  ],
  hints: ({ disk }) => [quoteCommand('sfdisk', ['--list', disk]), kernelLog],

  async run(step, { run, settleDevices, log }) {
    const { disk, sectorBytes, partitions } = step;
    await run(writeTable(step));
    await settleDevices(disk, settle);
    await Promise.all(partitions.map((path) => waitForNode(path)));
    for (const path of partitions) {
      await withNode(path, async () => clear(path, partitionEnds(await sizeOf(path, run))), log);
    }
    await clear(disk, diskEnds(await sizeOf(disk, run), sectorBytes));
  },
};

function writeTable({ disk, script }: Partition): Command {
  return {
    file: 'sfdisk',
    args: ['--quiet', '--lock', '--wipe', 'always', '--wipe-partitions', 'always', disk],
    timeoutMs: minutes,
    input: script,
  };
}

/** @returns bytes */
async function sizeOf(device: string, run: Context['run']): Promise<number> {
  return Number(await run({ file: 'blockdev', args: ['--getsize64', device], timeoutMs: minutes, unlogged: true }));
}

async function clear(device: string, ranges: readonly ByteRange[]): Promise<void> {
  await using file = await open(device, 'r+');
  for (const { start, end } of ranges) {
    const zeros = Buffer.alloc(end - start);
    for (let done = 0; done < zeros.length;) {
      done += (await file.write(zeros, done, zeros.length - done, start + done)).bytesWritten;
    }
  }
  await file.sync();
}
