import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { HostError } from '@pxeboot/config/errors';

import { commands } from '../commands.ts';
import type { Installation } from '../installation.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';

const nodeTimeoutMs = 30_000;

/** Writes the partition table in place of whatever the disk held, and waits for the partitions' device nodes. */
export async function partition(step: StepOf<'partition'>, installation: Installation): Promise<void> {
  const { log, settleDevices } = installation;
  const { writeTable, settle } = commands.partition(step);
  await runCommand(writeTable, log);
  await settleDevices(step.disk, settle);
  await Promise.all(step.partitions.map((path) => waitForNode(path)));
}

/** @throws HostError it does not appear in time */
export async function waitForNode(path: string): Promise<void> {
  const deadline = Date.now() + nodeTimeoutMs;
  for (;;) {
    try {
      await access(path);
      return;
    } catch (cause) {
      if (Date.now() > deadline) {
        throw new HostError(`wait for the partition "${path}": it did not appear within ${nodeTimeoutMs} ms`, {
          cause,
        });
      }
      await sleep(100);
    }
  }
}

/** Gives the root partition its final name: only now is the disk an installed one. */
export async function markInstalled(step: StepOf<'mark-installed'>, { log }: Installation): Promise<void> {
  const { setName, sync } = commands['mark-installed'](step);
  await runCommand(setName, log);
  await runCommand(sync);
}
