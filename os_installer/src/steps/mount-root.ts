import { mkdir } from 'node:fs/promises';

import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Site } from '../context.ts';
import { rootType } from '../plan/disk-layout.ts';
import type { Command } from './shared/command.ts';
import { commandLines } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { kernelLog } from './shared/hints.ts';
import { mountCommand } from './shared/mounts.ts';

export interface MountRoot {
  device: string;
}

/** Mounts the root partition at the target. */
export const mountRoot: StepDefinition<MountRoot> = {
  plan: ({ root }) => ({ device: root }),
  describe: ({ device }) => `mount ${device}`,
  lines: (step, site) => commandLines({ mount: mount(step, site) }),
  hints: ({ device }) => [quoteCommand('e2fsck', ['-n', device]), kernelLog],

  async run(step, { site, run }) {
    await mkdir(site.target, { recursive: true });
    await run(mount(step, site));
  },
};

function mount({ device }: MountRoot, { target }: Site): Command {
  return mountCommand(['-t', rootType, device, target]);
}
