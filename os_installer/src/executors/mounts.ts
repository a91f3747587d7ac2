import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exists } from '@pxeboot/config/host/exists';

import { commands, plannedPlace, unmountCommand } from '../commands.ts';
import type { Installation } from '../installation.ts';
import { runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';

/** Mounts the root partition at the target. */
export async function mountRoot(step: StepOf<'mount-root'>, { target, log }: Installation): Promise<void> {
  await mkdir(target, { recursive: true });
  await runCommand(commands['mount-root'](step, { ...plannedPlace, target }).mount, log);
}

/** Mounts the ESP and what programs need that run inside the new system. */
export async function mountBoot(step: StepOf<'mount-boot'>, installation: Installation): Promise<void> {
  const { target, log } = installation;
  const { esp, efivars, ...binds } = commands['mount-boot'](step, { ...plannedPlace, target });
  await mkdir(join(target, 'boot/efi'), { recursive: true });
  await runCommand(esp, log);
  for (const [name, bind] of Object.entries(binds)) {
    await mkdir(join(target, name), { recursive: true });
    await runCommand(bind);
  }
  if (await exists(installation.efivars)) await runCommand(efivars);
}

/** Ends the work in the new system: writes everything out, then unmounts it.
 * @throws HostError the disk did not take everything */
export async function unmount(step: StepOf<'unmount'>, { target, log }: Installation): Promise<void> {
  await runCommand(commands.unmount(step, { ...plannedPlace, target }).writeOut, log);
  await unmountAll(target);
}

/** Unmounts everything below the target, the innermost first, then the target; nothing mounted is no error. */
export async function unmountAll(target: string): Promise<void> {
  const points = mountPoints(await readFile('/proc/self/mounts', 'utf8'), target);
  for (const point of points.reverse()) await runCommand(unmountCommand(point));
}

/** True when something is mounted at this point. */
export async function isMounted(point: string): Promise<boolean> {
  return mountPoints(await readFile('/proc/self/mounts', 'utf8'), point).includes(point);
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
