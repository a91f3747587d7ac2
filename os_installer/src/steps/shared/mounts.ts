import { readFile } from 'node:fs/promises';

import { unescapeOctal } from '@pxeboot/config/kit/mount-info';

import type { Context } from '../../context.ts';
import type { Command } from './command.ts';
import { minutes } from './command.ts';

/** Where the firmware's variables are shown inside the new system. */
export const efivars = 'sys/firmware/efi/efivars';

/** Mounts as its arguments say. */
export function mountCommand(args: readonly string[], only?: string): Command {
  return { file: 'mount', args, timeoutMs: minutes, ...(only === undefined ? {} : { only }) };
}

/** Unmounts what is mounted at a point. */
export function unmountCommand(point: string): Command {
  return { file: 'umount', args: [point], timeoutMs: minutes };
}

/** Unmounts everything below the target, the innermost first, then the target; nothing mounted is no error. */
export async function unmountAll(target: string, run: Context['run']): Promise<void> {
  const points = mountPoints(await readFile('/proc/self/mounts', 'utf8'), target);
  for (const point of points.reverse()) await run({ ...unmountCommand(point), unlogged: true });
}

/** True when something is mounted at this point. */
export async function isMounted(point: string): Promise<boolean> {
  return mountPoints(await readFile('/proc/self/mounts', 'utf8'), point).includes(point);
}

/** Mount points at or below a directory, in the order in which they were mounted.
 * @param mountsText text of /proc/self/mounts (proc_pid_mounts(5)) */
export function mountPoints(mountsText: string, directory: string): string[] {
  return mountsText
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[1] ?? ''))
    .filter((point) => point === directory || point.startsWith(`${directory}/`));
}
