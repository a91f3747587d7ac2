import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import { rootLabel } from '../plan/disk-layout.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { runOnNode } from './shared/device-node.ts';
import { kernelLog } from './shared/hints.ts';

export interface FormatRoot {
  device: string;
  uuid: string;
  destroys: string;
}

/** Makes the ext4 file system of the root partition. */
export const formatRoot: StepDefinition<FormatRoot> = {
  plan: ({ root, ids }) => ({ device: root, uuid: ids.rootUuid, destroys: root }),
  describe: ({ device }) => `format ${device} as ext4`,
  lines: (step) => commandLines({ format: format(step) }),
  hints: ({ device }) => [quoteCommand('blkid', ['-p', device]), kernelLog],
  run: (step, context) => runOnNode(step.device, format(step), context),
};

/** ext4 without the two features that e2fsck 1.46 and GRUB 2.06 of still supported releases do not know. */
function format({ device, uuid }: FormatRoot): Command {
  return {
    file: 'mkfs.ext4',
    args: [
      ...['-q', '-F', '-O', '^orphan_file,^metadata_csum_seed', '-E', 'lazy_itable_init=1,lazy_journal_init=1'],
      ...['-L', rootLabel, '-U', uuid, device],
    ],
    timeoutMs: 5 * minutes,
  };
}
