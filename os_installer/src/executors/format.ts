import { access } from 'node:fs/promises';

import { describeError } from '@pxeboot/config/errors';
import { CommandError } from '@pxeboot/config/run';

import type { Command } from '../commands.ts';
import { commands } from '../commands.ts';
import type { Installation } from '../installation.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';
import { waitForNode } from './partition.ts';

const attempts = 3;

export async function formatEsp(step: StepOf<'format-esp'>, installation: Installation): Promise<void> {
  await format(step.device, commands['format-esp'](step).format, installation);
}

export async function formatRoot(step: StepOf<'format-root'>, installation: Installation): Promise<void> {
  await format(step.device, commands['format-root'](step).format, installation);
}

/** udev removes and makes the nodes of partitions anew while it looks at a changed disk: a program that found no node is
 * started again once there is one. */
async function format(device: string, command: Command, { log }: Installation): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await runCommand(command, log);
      return;
    } catch (error) {
      if (attempt === attempts || !(await hadNoNode(device, error))) throw error;
      log.warn('the device node vanished, trying again', { device, reason: describeError(error) });
      await waitForNode(device);
    }
  }
}

async function hadNoNode(device: string, error: unknown): Promise<boolean> {
  if (error instanceof CommandError && /No such file or directory|does not exist/.test(error.stderr)) return true;
  return access(device).then(
    () => false,
    () => true,
  );
}
