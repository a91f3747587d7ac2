import { run } from '@pxeboot/config/run';

import type { Installation } from '../installation.ts';
import { espLabel, rootLabel } from '../plan.ts';
import type { StepOf } from '../steps.ts';

const mkfsTimeoutMs = 300_000;

export async function formatEsp(step: StepOf<'format-esp'>, { log }: Installation): Promise<void> {
  const args = ['-F', '32', '-n', espLabel, '-i', step.volumeId, step.device];
  await run('mkfs.fat', args, { timeoutMs: mkfsTimeoutMs, log });
}

/** ext4 without the two features that e2fsck 1.46 and GRUB 2.06 of still supported releases do not know. */
export async function formatRoot(step: StepOf<'format-root'>, { log }: Installation): Promise<void> {
  const features = ['-O', '^orphan_file,^metadata_csum_seed'];
  const lazy = ['-E', 'lazy_itable_init=1,lazy_journal_init=1'];
  const args = ['-q', '-F', ...features, ...lazy, '-L', rootLabel, '-U', step.uuid, step.device];
  await run('mkfs.ext4', args, { timeoutMs: mkfsTimeoutMs, log });
}
