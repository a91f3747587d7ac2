import { espNumber } from '../plan/disk-layout.ts';
import type { Command } from '../steps/shared/command.ts';
import { minutes } from '../steps/shared/command.ts';

/** Shows the firmware's boot entries. */
export const listEntries: Command = { file: 'efibootmgr', args: [], timeoutMs: minutes, unlogged: true };

/** Removes an entry that an earlier installation has left. */
export function deleteEntry(number: string): Command {
  return { file: 'efibootmgr', args: ['--quiet', '--delete-bootnum', '--bootnum', number], timeoutMs: minutes };
}

/** Makes an entry for a loader, the first of all.
 * @param loader path on the ESP, with slashes */
export function createEntry(disk: string, label: string, loader: string, only?: string): Command {
  const path = `\\${loader.replaceAll('/', '\\')}`;
  return {
    file: 'efibootmgr',
    args: ['--quiet', '--create', '--disk', disk, '--part', String(espNumber), '--label', label, '--loader', path],
    timeoutMs: minutes,
    ...(only === undefined ? {} : { only }),
  };
}
