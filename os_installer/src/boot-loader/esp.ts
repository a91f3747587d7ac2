import { copyFile, readdir } from 'node:fs/promises';

import { describeError } from '@pxeboot/config/kit/errors';

import type { Context } from '../context.ts';
import { grubCfgOnEsp } from '../distro/grub-cfg.ts';
import { waitingDirectory } from '../steps/shared/waiting.ts';
import { createEntry, deleteEntry, listEntries } from './boot-entry-commands.ts';
import type { BootLoader } from './boot-loader-data.ts';
import { entriesLabelled } from './parse/boot-entries.ts';

/** Copies a file of the installer's to a path of the ESP, where it waits for the last step. */
export async function putOnEsp(from: string, path: string, { system }: Context): Promise<void> {
  await copyFile(from, await system.place(`${waitingDirectory}/${path}`));
}

/** Writes what a GRUB on the ESP reads first into directories below `EFI/`. */
export async function putGrubCfgOnEsp(step: BootLoader, directories: string[], { system }: Context): Promise<void> {
  const text = grubCfgOnEsp(step.rootUuid, step.grub.directory);
  for (const directory of directories) await system.write(`${waitingDirectory}/EFI/${directory}/grub.cfg`, text);
}

/** Makes the firmware start a loader by a name, in place of earlier entries of that name. Firmware that takes no entry starts the removable
 * path: that is a warning. */
export async function enterLoader(step: BootLoader, label: string, loader: string, context: Context): Promise<void> {
  const { site, log, run, warn } = context;
  if (!(await hasVariables(site.efivars))) {
    log.warn('the kernel shows no EFI variables; going on without a boot entry');
    return;
  }
  try {
    for (const number of entriesLabelled(await run(listEntries), label)) await run(deleteEntry(number));
    await run(createEntry(step.disk, label, loader));
  } catch (error) {
    warn(`the firmware takes no boot entry: ${describeError(error)}; it will start the removable path`);
  }
}

/** True on a machine whose firmware shows its variables. */
export async function hasVariables(efivars: string): Promise<boolean> {
  const variables = await readdir(efivars).catch(() => []);
  return variables.length > 0;
}
