import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import { espLabel } from '../plan/disk-layout.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { runOnNode } from './shared/device-node.ts';
import { kernelLog } from './shared/hints.ts';

export interface FormatEsp {
  device: string;
  /** FAT volume id: eight hex digits, upper case. */
  volumeId: string;
  destroys: string;
}

/** Makes the FAT file system of the ESP. */
export const formatEsp: StepDefinition<FormatEsp> = {
  plan: ({ esp, ids }) => ({ device: esp, volumeId: ids.espVolumeId, destroys: esp }),
  describe: ({ device }) => `format ${device} as FAT32`,
  lines: (step) => commandLines({ format: format(step) }),
  hints: ({ device }) => [quoteCommand('blkid', ['-p', device]), kernelLog],
  run: (step, context) => runOnNode(step.device, format(step), context),
};

function format({ device, volumeId }: FormatEsp): Command {
  return {
    file: 'mkfs.fat',
    args: ['-F', '32', '-n', espLabel, '-i', volumeId, device],
    timeoutMs: 5 * minutes,
  };
}
