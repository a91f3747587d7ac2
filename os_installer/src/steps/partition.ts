import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import { partitionScript } from '../plan/disk-layout.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { waitForNode } from './shared/device-node.ts';
import { kernelLog } from './shared/hints.ts';
import { settle } from './shared/partition-table.ts';

export interface Partition {
  disk: string;
  /** Input of sfdisk(8). */
  script: string;
  /** Paths of what it makes. */
  partitions: string[];
  destroys: string;
}

/** Writes the partition table in place of whatever the disk held, and waits for the partitions' device nodes. */
export const partition: StepDefinition<Partition> = {
  plan: ({ disk, esp, root }) => ({ disk, script: partitionScript(), partitions: [esp, root], destroys: disk }),
  describe: ({ disk }) => `partition ${disk} (GPT: ESP and root)`,
  lines: (step) => commandLines({ writeTable: writeTable(step), settle }),
  hints: ({ disk }) => [quoteCommand('sfdisk', ['--list', disk]), kernelLog],

  async run(step, { run, settleDevices }) {
    await run(writeTable(step));
    await settleDevices(step.disk, settle);
    await Promise.all(step.partitions.map((path) => waitForNode(path)));
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
