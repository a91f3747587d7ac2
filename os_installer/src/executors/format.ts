import { commands } from '../commands.ts';
import type { Installation } from '../installation.ts';
import type { StepOf } from '../steps.ts';
import { runOnNode } from './device-node.ts';

/** Makes the FAT file system of the ESP. */
export async function formatEsp(step: StepOf<'format-esp'>, { log }: Installation): Promise<void> {
  await runOnNode(step.device, commands['format-esp'](step).format, log);
}

/** Makes the ext4 file system of the root partition. */
export async function formatRoot(step: StepOf<'format-root'>, { log }: Installation): Promise<void> {
  await runOnNode(step.device, commands['format-root'](step).format, log);
}
