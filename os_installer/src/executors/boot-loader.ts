import { access, copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeError, HostError, InputError } from '@pxeboot/config/kit/errors';
import type { Log } from '@pxeboot/config/host/log';

import type { Place } from '../commands.ts';
import { commands, plannedPlace } from '../commands.ts';
import { osReleaseValue } from '../distro/family.ts';
import { grubCfg } from '../distro/grub-cfg.ts';
import { knownGrubOptions, optionalGrubOptions } from '../distro/grub-options.ts';
import type { Installation } from '../installation.ts';
import { waitingName } from '../plan/marker.ts';
import { commandOutput, runCommand } from '../run-command.ts';
import type { StepOf } from '../steps.ts';
import { hasContent, hasModulesIndex, modulesPath } from './modules.ts';
import { readOsRelease } from './system-files.ts';

/** Where the loaders lie until the last step puts them into the ESP's `EFI/`. */
const waiting = join('boot/efi', waitingName);

/** Installs GRUB with the new system's own grub-install, also under the removable path, and writes grub.cfg. Needs no
 * network. No boot entry is no error: the firmware then starts the removable path. All of it waits where no
 * firmware looks, so that a machine that is switched off now does not start an unfinished system. */
export async function installBootLoader(step: StepOf<'boot-loader'>, installation: Installation): Promise<void> {
  const { target } = installation;
  const osRelease = await readOsRelease(target);
  const bootloaderId = osReleaseValue(osRelease, 'ID') || 'linux';
  await writeGrubCfg(step, target, osReleaseValue(osRelease, 'PRETTY_NAME') || 'Linux');
  await mkdir(join(target, waiting), { recursive: true });
  await runGrubInstall(step, bootloaderId, installation);
  await ensureRemovableLoader(target, bootloaderId, step.removableLoader);
}

async function writeGrubCfg(step: StepOf<'boot-loader'>, target: string, title: string): Promise<void> {
  const directory = join(target, 'boot/grub');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'grub.cfg'), grubCfg({ ...step, title }));
}

async function runGrubInstall(step: StepOf<'boot-loader'>, osId: string, installation: Installation): Promise<void> {
  const { target, log, efivars } = installation;
  if (!(await isFile(join(target, 'usr/sbin/grub-install')))) {
    throw new InputError('install GRUB: the root file system has no grub-install; add the package grub-efi to it');
  }
  const place = { ...plannedPlace, target, osId };
  const grubOptions = await grubOptionsOf(step, place, log);
  const { install, installWithoutEntry } = commands['boot-loader'](step, { ...place, grubOptions });
  if (!(await hasVariables(efivars))) {
    log.warn('the kernel shows no EFI variables; going on without a boot entry');
    return runCommand(installWithoutEntry, log);
  }
  try {
    await runCommand(install, log);
  } catch (error) {
    log.warn('grub-install with a boot entry failed; trying without one', { reason: describeError(error) });
    await runCommand(installWithoutEntry, log);
  }
}

/** An option that a grub-install does not have would end the installation; what such an option is for is done here too. */
async function grubOptionsOf(step: StepOf<'boot-loader'>, place: Place, log: Log): Promise<string[]> {
  try {
    return knownGrubOptions(await commandOutput(commands['boot-loader'](step, place).help, log));
  } catch (error) {
    const left = optionalGrubOptions.join(', ');
    log.warn(`grub-install does not say which options it has; going on without ${left}`, {
      reason: describeError(error),
    });
    return [];
  }
}

async function hasVariables(efivars: string): Promise<boolean> {
  const variables = await readdir(efivars).catch(() => []);
  return variables.length > 0;
}

/** Firmware without a boot entry starts EFI/BOOT/BOOT….EFI (UEFI 2.10, 3.5.1.1). */
async function ensureRemovableLoader(target: string, bootloaderId: string, loader: string): Promise<void> {
  const removable = join(target, waiting, 'EFI/BOOT', loader);
  if (await isFile(removable)) return;
  const own = join(target, waiting, 'EFI', bootloaderId);
  const candidates = (await readdir(own)).filter((name) => /^grub(x64|aa64)\.efi$/i.test(name));
  const [grub] = candidates;
  if (grub === undefined) throw new HostError(`install GRUB: grub-install left no loader in "${own}"`);
  await mkdir(join(target, waiting, 'EFI/BOOT'), { recursive: true });
  await copyFile(join(own, grub), removable);
}

/** Reads back what the firmware, GRUB and the kernel will look for.
 * @throws HostError something is missing or empty */
export async function verify(step: StepOf<'verify'>, { target }: Installation): Promise<void> {
  const needed = [
    `${waiting}/EFI/BOOT/${step.removableLoader}`,
    'boot/grub/grub.cfg',
    `boot/vmlinuz-${step.release}`,
    `boot/initrd.img-${step.release}`,
    'var/lib/cloud/seed/nocloud-net/meta-data',
    'etc/fstab',
  ];
  for (const path of needed) {
    if (!(await hasContent(join(target, path)))) {
      throw new HostError(`check the installed system: "/${path}" is missing or empty`);
    }
  }
  const modules = modulesPath(step.release);
  if (!(await hasModulesIndex(join(target, modules)))) {
    throw new HostError(
      `check the installed system: "/${modules}/modules.dep" is missing or empty, so no module of the kernel would load; ` +
        'put the modules of that kernel into the root file system, or take them out whole',
    );
  }
  await access(join(target, 'etc/machine-id'));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}
