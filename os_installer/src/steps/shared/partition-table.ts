import type { Command } from './command.ts';
import { minutes, seconds } from './command.ts';

/** udev's way to take note of a disk's new partition table. */
export const settle: Command = { file: 'udevadm', args: ['settle', '--timeout=30'], timeoutMs: 40 * seconds };

/** Gives a partition a name. */
export function setNameCommand(disk: string, partition: number, name: string, only?: string): Command {
  return {
    file: 'sfdisk',
    args: ['--quiet', '--lock', '--part-label', disk, String(partition), name],
    timeoutMs: minutes,
    ...(only === undefined ? {} : { only }),
  };
}
