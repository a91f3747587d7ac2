import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { architectures } from '@pxeboot/config/contract/architecture';
import { describeError, HostError, InputError } from '@pxeboot/config/kit/errors';

import type { Context, Site } from '../context.ts';
import { bootFileText } from '../distro/boot-file.ts';
import { osReleaseValue } from '../distro/detect.ts';
import type { BootLoaderTools } from '../distro/distro.ts';
import { knownOptions } from '../distro/grub-options.ts';
import { waitingName } from '../plan/marker.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';
import { put, readOsRelease } from './shared/new-system.ts';
import { waitingDirectory } from './shared/waiting.ts';

export interface BootLoader extends BootLoaderTools {
  grubTarget: string;
  /** Name of the loader that firmware starts without a boot entry. */
  removableLoader: string;
  release: string;
  rootUuid: string;
  kernelArgs: string[];
  /** Paths in the new system, without their first slash. */
  kernel: string;
  initrd: string;
}

/** Installs GRUB with the new system's own program, also under the removable path, and writes what it starts. Needs no
 * network. No boot entry is no error: the firmware then starts the removable path. All of it waits where no
 * firmware looks, so that a machine that is switched off now does not start an unfinished system. */
export const bootLoader: StepDefinition<BootLoader> = {
  plan: ({ config, distro, ids, kernelArgs, release }) => {
    const { grubTarget, removableLoader } = architectures[config.arch];
    const boots = { kernel: distro.kernelPath(release), initrd: distro.initramfs(release).initrd };
    const { rootUuid } = ids;
    return { grubTarget, removableLoader, release, rootUuid, kernelArgs, ...boots, ...distro.bootLoader(release) };
  },

  describe: () => 'install GRUB',
  lines: (step, site) => [
    ...step.files.map(({ path }) => `write ${site.target}/${path}`),
    `make ${site.target}/${waitingDirectory}`,
    ...commandLines(grubCommands(step, site)),
  ],
  hints: ({ program }, root) => [...lookInside(root, program.path), 'ls /sys/firmware/efi/efivars'],

  async run(step, context) {
    const { target } = context.site;
    const osRelease = await readOsRelease(target);
    const bootloaderId = osReleaseValue(osRelease, 'ID') || 'linux';
    const title = osReleaseValue(osRelease, 'PRETTY_NAME') || 'Linux';
    for (const { path, format } of step.files) await put(target, path, bootFileText(format, { ...step, title }));
    await mkdir(join(target, waitingDirectory), { recursive: true });
    await installGrub(step, bootloaderId, context);
    await ensureRemovableLoader(step, target, bootloaderId);
  },
};

/** What is known of a system when it is unpacked. */
interface Unpacked {
  /** ID of its /etc/os-release. */
  osId: string;
  /** Those of the optional options that its program has. */
  options: readonly string[];
}

/** The commands of this step, by what they do.
 * @param unpacked absent before an installation: names take the place of values */
export function grubCommands(
  { grubTarget, program, optionalOptions }: BootLoader,
  { target }: Site,
  { osId, options }: Unpacked = { osId: 'ID-of-os-release', options: optionalOptions },
): Record<'help' | 'install' | 'installWithoutEntry', Command> {
  const start = [target, program.name];
  const args = [...start, '--target', grubTarget, '--efi-directory', `/boot/efi/${waitingName}`];
  const common = [...args, '--bootloader-id', osId, ...options];
  const ifListed = optionalOptions.length === 0 ? '' : `; ${optionalOptions.join(', ')} only if the help lists it`;
  return {
    help: { file: 'chroot', args: [...start, '--help'], timeoutMs: minutes },
    install: {
      file: 'chroot',
      args: common,
      timeoutMs: 10 * minutes,
      only: `on a machine with EFI variables${ifListed}`,
    },
    installWithoutEntry: {
      file: 'chroot',
      args: [...common, '--no-nvram'],
      timeoutMs: 10 * minutes,
      only: `if that fails, or without EFI variables${ifListed}`,
    },
  };
}

async function installGrub(step: BootLoader, osId: string, context: Context): Promise<void> {
  const { site, log, run } = context;
  const { program } = step;
  if (!(await isFile(join(site.target, program.path)))) {
    throw new InputError(
      `install GRUB: the root file system has no ${program.name}; add the package ${program.package} to it`,
    );
  }
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
    log.warn(`${program.name} with a boot entry failed; trying without one`, { reason: describeError(error) });
    await run(installWithoutEntry);
  }
}

/** An option that a program does not have would end the installation; what such an option is for is done here too. */
async function optionsOf(step: BootLoader, { site, log, run }: Context): Promise<string[]> {
  const { program, optionalOptions } = step;
  try {
    return knownOptions(await run(grubCommands(step, site).help), optionalOptions);
  } catch (error) {
    const left = optionalOptions.join(', ');
    log.warn(`${program.name} does not say which options it has; going on without ${left}`, {
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
async function ensureRemovableLoader(
  { program, removableLoader }: BootLoader,
  target: string,
  bootloaderId: string,
): Promise<void> {
  const removable = join(target, waitingDirectory, 'EFI/BOOT', removableLoader);
  if (await isFile(removable)) return;
  const own = join(target, waitingDirectory, 'EFI', bootloaderId);
  const candidates = (await readdir(own)).filter((name) => /^grub(x64|aa64)\.efi$/i.test(name));
  const [grub] = candidates;
  if (grub === undefined) throw new HostError(`install GRUB: ${program.name} left no loader in "${own}"`);
  await mkdir(join(target, waitingDirectory, 'EFI/BOOT'), { recursive: true });
  await copyFile(join(own, grub), removable);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}
