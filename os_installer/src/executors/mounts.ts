import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '@pxeboot/config/run';

import type { Installation } from '../installation.ts';
import type { StepOf } from '../steps.ts';

const mountTimeoutMs = 60_000;
const efivars = '/sys/firmware/efi/efivars';

export async function mountRoot(step: StepOf<'mount-root'>, { target, log }: Installation): Promise<void> {
  await mkdir(target, { recursive: true });
  await run('mount', ['-t', 'ext4', step.device, target], { timeoutMs: mountTimeoutMs, log });
}

/** Mounts the ESP and what programs need that run inside the new system. */
export async function mountBoot(step: StepOf<'mount-boot'>, { target, log }: Installation): Promise<void> {
  const esp = join(target, 'boot/efi');
  await mkdir(esp, { recursive: true });
  await run('mount', ['-t', 'vfat', '-o', 'umask=0077', step.esp, esp], { timeoutMs: mountTimeoutMs, log });
  for (const name of ['dev', 'proc', 'sys', 'run']) {
    await mkdir(join(target, name), { recursive: true });
    await run('mount', ['-o', 'bind', `/${name}`, join(target, name)], { timeoutMs: mountTimeoutMs });
  }
  if (await exists(efivars)) {
    await run('mount', ['-o', 'bind', efivars, join(target, efivars)], { timeoutMs: mountTimeoutMs });
  }
}

/** Unmounts everything below the target, the innermost first, then the target; nothing mounted is no error. */
export async function unmountAll(target: string): Promise<void> {
  const points = mountPoints(await readFile('/proc/self/mounts', 'utf8'), target);
  for (const point of points.reverse()) await run('umount', [point], { timeoutMs: mountTimeoutMs });
}

/** Mount points at or below a directory, in the order in which they were mounted. */
export function mountPoints(mountsText: string, directory: string): string[] {
  return mountsText
    .split('\n')
    .map((line) => decodeMountField(line.split(' ')[1] ?? ''))
    .filter((point) => point === directory || point.startsWith(`${directory}/`));
}

/** proc_pid_mounts(5): white space and backslashes are written as octal escapes. */
function decodeMountField(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
