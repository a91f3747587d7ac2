import { open } from 'node:fs/promises';

import { describeError } from '@pxeboot/config/kit/errors';
import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Context, Site } from '../context.ts';
import { finishedName, rootNumber, unfinishedName } from '../plan/disk-layout.ts';
import { waitingName } from '../plan/marker.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { runOnNode, waitForNode } from './shared/device-node.ts';
import { kernelLog } from './shared/hints.ts';
import { isMounted, mountCommand, unmountCommand } from './shared/mounts.ts';
import { setNameCommand, settle } from './shared/partition-table.ts';

export interface MarkInstalled {
  disk: string;
  /** Number of the root partition. */
  partition: number;
  esp: string;
}

/** Makes the disk an installed one: gives the root partition its name, then puts the boot loader where firmware looks for
 * it. When this throws, the disk has neither, as far as it could still be written. */
export const markInstalled: StepDefinition<MarkInstalled> = {
  plan: ({ disk, esp }) => ({ disk, partition: rootNumber, esp }),
  describe: ({ disk }) => `mark ${disk} as installed`,
  lines: (step, site) => commandLines(markCommands(step, site)),
  hints: ({ disk }) => [quoteCommand('sfdisk', ['--list', disk]), kernelLog],

  async run(step, context) {
    const { site, run, settleDevices } = context;
    const { setName, mountEsp, showLoader, tidy, unmountEsp, takeNameBack } = markCommands(step, site);
    let maySeeLoader = false;
    try {
      await run(setName);
      await settleDevices(step.disk, settle);
      await waitForNode(step.esp);
      await runOnNode(step.esp, mountEsp, context);
      maySeeLoader = true;
      await run(showLoader);
      await run(tidy);
      await run(unmountEsp);
      await flushDevice(step.esp);
    } catch (error) {
      if (maySeeLoader) await attempt(context, 'remove the boot loader', () => removeLoader(step, context));
      await attempt(context, 'take the name back', () => run(takeNameBack));
      throw error;
    }
  },
};

type Name = 'setName' | 'settle' | 'mountEsp' | 'showLoader' | 'tidy' | 'unmountEsp' | 'removeLoader' | 'takeNameBack';

/** The commands of this step, by what they do. The name comes first: a disk that starts has always been called an installed one. */
export function markCommands(
  { disk, partition, esp }: MarkInstalled,
  { target, espType }: Site,
): Record<Name, Command> {
  const only = 'if one of these fails';
  return {
    setName: setNameCommand(disk, partition, finishedName),
    settle,
    mountEsp: mountCommand(['-t', espType, esp, target]),
    showLoader: { file: 'mv', args: ['-T', `${target}/${waitingName}/EFI`, `${target}/EFI`], timeoutMs: minutes },
    tidy: { file: 'rm', args: ['-rf', `${target}/${waitingName}`], timeoutMs: minutes },
    unmountEsp: unmountCommand(target),
    removeLoader: { file: 'rm', args: ['-rf', `${target}/EFI`], timeoutMs: minutes, only },
    takeNameBack: setNameCommand(disk, partition, unfinishedName, only),
  };
}

async function removeLoader(step: MarkInstalled, context: Context): Promise<void> {
  const { site, run } = context;
  const { mountEsp, removeLoader: remove, unmountEsp } = markCommands(step, site);
  if (!(await isMounted(site.target))) await runOnNode(step.esp, mountEsp, context);
  await run(remove);
  await run(unmountEsp);
  await flushDevice(step.esp);
}

async function attempt({ log }: Context, what: string, act: () => Promise<unknown>): Promise<void> {
  await act().catch((error: unknown) => log.error(`${what} of an unfinished system`, { reason: describeError(error) }));
}

/** Returns when the disk itself has everything; unmounting alone leaves it in the disk's own cache. */
async function flushDevice(device: string): Promise<void> {
  await using file = await open(device, 'r');
  await file.sync();
}
