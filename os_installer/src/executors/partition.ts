import { commands } from '../commands.ts';
import type { Installation } from '../installation.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';
import { waitForNode } from './device-node.ts';

/** Writes the partition table in place of whatever the disk held, and waits for the partitions' device nodes. */
export async function partition(step: StepOf<'partition'>, installation: Installation): Promise<void> {
  const { log, settleDevices } = installation;
  const { writeTable, settle } = commands.partition(step);
  await runCommand(writeTable, log);
  await settleDevices(step.disk, settle);
  await Promise.all(step.partitions.map((path) => waitForNode(path)));
}
