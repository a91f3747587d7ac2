import { architectures } from '@pxeboot/config/contract/architecture';
import { describeError, HostError } from '@pxeboot/config/kit/errors';

import type { Context, Site } from '../context.ts';
import { knownOptions } from '../distro/grub-options.ts';
import type { Twin } from '../distro/hooks.ts';
import { loaderSuffixes } from '../distro/signed-chain.ts';
import type { Command } from '../steps/shared/command.ts';
import { minutes } from '../steps/shared/command.ts';
import { espDirectory, waitingDirectory } from '../steps/shared/waiting.ts';
import type { BootLoader } from './boot-loader-data.ts';
import { hasVariables, putOnEsp } from './esp.ts';

/** True when the image has the program, and the modules of GRUB for this firmware. */
export async function hasGrub({ grub, arch }: BootLoader, { system }: Context): Promise<boolean> {
  const modules = `usr/lib/grub/${architectures[arch].grubTarget}/modinfo.sh`;
  return (await system.hasContent(grub.installer.path)) && (await system.hasContent(modules));
}

/** What is known of a system when it is unpacked. */
interface Unpacked {
  /** ID of its /etc/os-release. */
  osId: string;
  /** Those of the optional options that its program has. */
  options: readonly string[];
}

/** The commands of the image's own program, by what they do.
 * @param unpacked absent before an installation: names take the place of values */
export function grubCommands(
  { arch, grub: { installer, optionalOptions } }: BootLoader,
  { target }: Site,
  { osId, options }: Unpacked = { osId: 'ID-of-os-release', options: optionalOptions },
): Record<'help' | 'install' | 'installWithoutEntry', Command> {
  const start = [target, installer.name];
  const { grubTarget } = architectures[arch];
  const args = [...start, '--target', grubTarget, '--efi-directory', `/${waitingDirectory}`];
  const common = [...args, '--bootloader-id', osId, ...options];
  const ifListed = optionalOptions.length === 0 ? '' : `; ${optionalOptions.join(', ')} only if the help lists it`;
  return {
    help: {
      file: 'chroot',
      args: [...start, '--help'],
      timeoutMs: minutes,
      only: 'else, if it has GRUB for this firmware',
    },
    install: {
      file: 'chroot',
      args: common,
      timeoutMs: 10 * minutes,
      only: `then, on a machine with EFI variables${ifListed}`,
    },
    installWithoutEntry: {
      file: 'chroot',
      args: [...common, '--no-nvram'],
      timeoutMs: 10 * minutes,
      only: `if that fails, or without EFI variables${ifListed}`,
    },
  };
}

/** Installs GRUB by the image's own program, with the options that it has.
 * @returns what is to be kept alike when packages are updated */
export async function installImageGrub(step: BootLoader, osId: string, context: Context): Promise<Twin[]> {
  await runInstaller(step, osId, context);
  return ensureRemovableLoader(step, osId, context);
}

async function runInstaller(step: BootLoader, osId: string, context: Context): Promise<void> {
  const { site, log, run } = context;
  const { name } = step.grub.installer;
  const options = await optionsOf(step, context);
  const { install, installWithoutEntry } = grubCommands(step, site, { osId, options });
  if (!(await hasVariables(site.efivars))) {
    log.warn('the kernel shows no EFI variables; going on without a boot entry');
    await run(installWithoutEntry);
    return;
  }
  try {
    await run(install);
  } catch (error) {
    log.warn(`${name} with a boot entry failed; trying without one`, { reason: describeError(error) });
    await run(installWithoutEntry);
  }
}

/** An option that a program does not have would end the installation; what such an option is for is done here too. */
async function optionsOf(step: BootLoader, { site, log, run }: Context): Promise<string[]> {
  const { installer, optionalOptions } = step.grub;
  try {
    return knownOptions(await run(grubCommands(step, site).help), optionalOptions);
  } catch (error) {
    const left = optionalOptions.join(', ');
    log.warn(`${installer.name} does not say which options it has; going on without ${left}`, {
      reason: describeError(error),
    });
    return [];
  }
}

/** Firmware without a boot entry starts EFI/BOOT/BOOT….EFI (UEFI 2.10, 3.5.1.1).
 * @returns the loader that is copied to there, to be kept like the one that the image's packages write */
async function ensureRemovableLoader(step: BootLoader, osId: string, context: Context): Promise<Twin[]> {
  const { system } = context;
  const loader = `EFI/${osId}/grub${loaderSuffixes[step.arch]}.efi`;
  const removable = `EFI/BOOT/${architectures[step.arch].removableLoader}`;
  if (!(await system.hasContent(`${waitingDirectory}/${loader}`))) {
    throw new HostError(`install GRUB: ${step.grub.installer.name} left no loader at "${loader}" of the ESP`);
  }
  if (!(await system.hasContent(`${waitingDirectory}/${removable}`))) {
    await putOnEsp(await system.resolve(`${waitingDirectory}/${loader}`), removable, context);
  }
  const shim = `${espDirectory}/EFI/${osId}/shim${loaderSuffixes[step.arch]}.efi`;
  return [{ from: `${espDirectory}/${loader}`, to: `${espDirectory}/${removable}`, unless: shim }];
}
