import { describeError } from '@pxeboot/config/kit/errors';
import { parseOsRelease } from '@pxeboot/config/kit/os-release';

import { createEntry } from '../boot-loader/boot-entry-commands.ts';
import type { BootLoader } from '../boot-loader/boot-loader-data.ts';
import { grubCommands, hasGrub, installImageGrub } from '../boot-loader/image-grub.ts';
import { putOwn } from '../boot-loader/own-grub.ts';
import { findSignedLoaders, putSigned } from '../boot-loader/signed-loaders.ts';
import type { Context } from '../context.ts';
import { blsDirectory, rewriteBlsEntry } from '../distro/bls-entry.ts';
import { grubCfg } from '../distro/grub-cfg.ts';
import type { Twin } from '../distro/hooks.ts';
import { kernelHook, refreshHook } from '../distro/hooks.ts';
import { commandLines } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';
import { readOsRelease } from './shared/os-release.ts';
import { imageEspDirectory, waitingDirectory } from './shared/waiting.ts';

/** Puts a boot loader onto the ESP, also under the removable path, and writes what it starts; later updates of kernel and loader are seen
 * to. It is the signed one that the image brings; else GRUB by the image's own program; else GRUB from the installer's initrd. Needs no
 * network. No boot entry is no error: the firmware then starts the removable path. All of it waits where no firmware looks, so that
 * a machine that is switched off now does not start an unfinished system. */
export const bootLoader: StepDefinition<BootLoader> = {
  plan: ({ config, disk, distro, ids, kernelArgs, release }) => ({
    ...{ disk, arch: config.arch, grub: distro.grub, rootUuid: ids.rootUuid, kernelArgs },
    kernel: distro.kernelPath(release),
    initrd: distro.initramfs(release).initrd,
  }),

  describe: () => 'install GRUB',
  lines: (step, site) => [
    `write ${site.target}/${step.grub.directory}/grub.cfg`,
    `make ${site.target}/${waitingDirectory}`,
    `(if the image brings signed loaders) copy them to ${site.target}/${waitingDirectory}`,
    ...commandLines(grubCommands(step, site)),
    `(else) copy ${site.ownGrub} to ${site.target}/${waitingDirectory}`,
    ...commandLines({
      entry: createEntry(
        step.disk,
        'ID-of-os-release',
        'LOADER',
        `on a machine with EFI variables, unless ${step.grub.installer.name} was used`,
      ),
    }),
  ],
  hints: ({ grub }, root) => [...lookInside(root, grub.installer.path), 'ls /sys/firmware/efi/efivars'],

  async run(step, context) {
    const { system } = context;
    const { id, prettyName: title } = parseOsRelease(await readOsRelease(system));
    await system.write(`${step.grub.directory}/grub.cfg`, grubCfg({ ...step, title }));
    await rewriteBlsEntries(step, context);
    await system.makeDirectory(waitingDirectory);
    const twins = await putLoader(step, id, context);
    await writeHooks(step, twins, context);
    await system.remove(imageEspDirectory);
  },
};

async function rewriteBlsEntries(step: BootLoader, { system }: Context): Promise<void> {
  for (const name of await system.list(blsDirectory)) {
    const path = `${blsDirectory}/${name}`;
    const text = name.endsWith('.conf') ? await system.read(path) : undefined;
    if (text !== undefined) await system.write(path, rewriteBlsEntry(text, step));
  }
}

async function writeHooks({ grub, rootUuid }: BootLoader, twins: readonly Twin[], { system }: Context): Promise<void> {
  const updates = grub.updater !== undefined && (await system.has(grub.updater));
  const scripts = [...(updates ? [] : kernelHook(rootUuid, grub.directory)), ...refreshHook(twins)];
  for (const { path, text, mode } of scripts) await system.write(path, text, mode);
}

/** @returns what is to be kept alike when packages are updated */
async function putLoader(step: BootLoader, osId: string, context: Context): Promise<Twin[]> {
  const signed = await findSignedLoaders(context.system, step.arch);
  if (signed !== undefined) return putSigned(step, signed, context);
  if (await hasGrub(step, context)) {
    try {
      return await installImageGrub(step, osId, context);
    } catch (error) {
      const { name } = step.grub.installer;
      context.warn(
        `${name} of the root file system failed: ${describeError(error)}; installing the installer's own GRUB`,
      );
    }
  }
  await putOwn(step, osId, context);
  return [];
}
