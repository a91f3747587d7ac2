import { access } from 'node:fs/promises';

import { describeError } from '@pxeboot/config/errors';
import { CommandError, run } from '@pxeboot/config/run';

import type { Installation } from '../installation.ts';
import { espLabel, rootLabel } from '../plan.ts';
import type { StepOf } from '../steps.ts';
import { waitForNode } from './partition.ts';

const mkfsTimeoutMs = 300_000;
const attempts = 3;

export async function formatEsp(step: StepOf<'format-esp'>, installation: Installation): Promise<void> {
  const args = ['-F', '32', '-n', espLabel, '-i', step.volumeId, step.device];
  await format(step.device, 'mkfs.fat', args, installation);
}

/** ext4 without the two features that e2fsck 1.46 and GRUB 2.06 of still supported releases do not know. */
export async function formatRoot(step: StepOf<'format-root'>, installation: Installation): Promise<void> {
  const features = ['-O', '^orphan_file,^metadata_csum_seed'];
  const lazy = ['-E', 'lazy_itable_init=1,lazy_journal_init=1'];
  const args = ['-q', '-F', ...features, ...lazy, '-L', rootLabel, '-U', step.uuid, step.device];
  await format(step.device, 'mkfs.ext4', args, installation);
}

/** udev removes and makes the nodes of partitions anew while it looks at a changed disk: a program that found no node is
 * started again once there is one. */
async function format(device: string, program: string, args: string[], { log }: Installation): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run(program, args, { timeoutMs: mkfsTimeoutMs, log });
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
