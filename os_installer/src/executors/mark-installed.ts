import { open } from 'node:fs/promises';

import { describeError } from '@pxeboot/config/kit/errors';

import { commands, plannedPlace } from '../commands.ts';
import type { Installation } from '../installation.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';
import { runOnNode, waitForNode } from './device-node.ts';
import { isMounted } from './mounts.ts';

/** Makes the disk an installed one: gives the root partition its name, then puts the boot loader where firmware looks for
 * it. When this throws, the disk has neither, as far as it could still be written. */
export async function markInstalled(step: StepOf<'mark-installed'>, installation: Installation): Promise<void> {
  const { log, settleDevices } = installation;
  const { setName, settle, mountEsp, showLoader, tidy, unmountEsp, takeNameBack } = commandsOf(step, installation);
  let maySeeLoader = false;
  try {
    await runCommand(setName, log);
    await settleDevices(step.disk, settle);
    await waitForNode(step.esp);
    await runOnNode(step.esp, mountEsp, log);
    maySeeLoader = true;
    await runCommand(showLoader, log);
    await runCommand(tidy, log);
    await runCommand(unmountEsp, log);
    await flushDevice(step.esp);
  } catch (error) {
    if (maySeeLoader) await attempt(installation, 'remove the boot loader', () => removeLoader(step, installation));
    await attempt(installation, 'take the name back', () => runCommand(takeNameBack, log));
    throw error;
  }
}

type Commands = ReturnType<(typeof commands)['mark-installed']>;

function commandsOf(step: StepOf<'mark-installed'>, { target, espType }: Installation): Commands {
  return commands['mark-installed'](step, { ...plannedPlace, target, espType });
}

async function removeLoader(step: StepOf<'mark-installed'>, installation: Installation): Promise<void> {
  const { target, log } = installation;
  const { mountEsp, removeLoader: remove, unmountEsp } = commandsOf(step, installation);
  if (!(await isMounted(target))) await runOnNode(step.esp, mountEsp, log);
  await runCommand(remove, log);
  await runCommand(unmountEsp, log);
  await flushDevice(step.esp);
}

async function attempt({ log }: Installation, what: string, act: () => Promise<void>): Promise<void> {
  await act().catch((error: unknown) => log.error(`${what} of an unfinished system`, { reason: describeError(error) }));
}

/** Returns when the disk itself has everything; unmounting alone leaves it in the disk's own cache. */
async function flushDevice(device: string): Promise<void> {
  await using file = await open(device, 'r');
  await file.sync();
}
