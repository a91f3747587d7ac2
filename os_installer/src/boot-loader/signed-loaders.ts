import { readFile } from 'node:fs/promises';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { architectures } from '@pxeboot/config/contract/architecture';

import type { Context } from '../context.ts';
import type { Twin } from '../distro/hooks.ts';
import { compiledDirectory, loadersOnEsp, loaderSuffixes, packagedLoaders } from '../distro/signed-chain.ts';
import type { NewSystem } from '../new-system.ts';
import { espDirectory, imageEspDirectory } from '../steps/shared/waiting.ts';
import type { BootLoader } from './boot-loader-data.ts';
import { enterLoader, putGrubCfgOnEsp, putOnEsp } from './esp.ts';

/** Loaders that UEFI Secure Boot accepts, as paths in the new system. */
export interface SignedLoaders {
  shim: string;
  grub: string;
  keyManager?: string;
  /** Directory of the ESP, below `EFI/`, where this GRUB looks for its configuration. */
  directory: string;
}

/** The signed loaders that an image brings: from its packages, else from the ESP that it was made with.
 * @returns undefined when there is no whole chain */
export async function findSignedLoaders(system: NewSystem, arch: Arch): Promise<SignedLoaders | undefined> {
  const efi = (await system.list(imageEspDirectory)).find((name) => name.toUpperCase() === 'EFI') ?? 'EFI';
  const vendors = await system.list(`${imageEspDirectory}/${efi}`);
  const places = [
    packagedLoaders(arch, architectures[arch].grubTarget),
    ...vendors
      .filter((name) => name.toUpperCase() !== 'BOOT')
      .map((name) => loadersOnEsp(arch, `${imageEspDirectory}/${efi}/${name}`)),
  ];
  for (const { shim: shims, grub: grubs, keyManager: keyManagers } of places) {
    const [shim, grub] = [await firstOf(system, shims), await firstOf(system, grubs)];
    if (shim === undefined || grub === undefined) continue;
    const directory = compiledDirectory(await readFile(await system.resolve(grub)));
    if (directory === undefined) continue;
    const keyManager = await firstOf(system, keyManagers);
    return { shim, grub, directory, ...(keyManager === undefined ? {} : { keyManager }) };
  }
  return undefined;
}

async function firstOf(system: NewSystem, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await system.hasContent(path)) return path;
  return undefined;
}

/** Puts signed loaders onto the ESP, without shim's fallback program, which restarts the machine before it starts anything.
 * @returns what is to be kept alike when packages are updated */
export async function putSigned(step: BootLoader, signed: SignedLoaders, context: Context): Promise<Twin[]> {
  const { removableLoader } = architectures[step.arch];
  const suffix = loaderSuffixes[step.arch];
  const { shim, grub, keyManager, directory } = signed;
  context.log.info('signed boot loaders', { shim, grub, directory });
  const targets: Twin[] = [];
  for (const [folder, shimName] of [
    [directory, `shim${suffix}.efi`],
    ['BOOT', removableLoader],
  ] as const) {
    targets.push(
      { from: shim, to: `EFI/${folder}/${shimName}` },
      { from: grub, to: `EFI/${folder}/grub${suffix}.efi` },
    );
    if (keyManager !== undefined) targets.push({ from: keyManager, to: `EFI/${folder}/mm${suffix}.efi` });
  }
  for (const { from, to } of targets) await putOnEsp(await context.system.resolve(from), to, context);
  await putGrubCfgOnEsp(step, [directory, 'BOOT'], context);
  await enterLoader(step, directory, `EFI/${directory}/shim${suffix}.efi`, context);
  return targets.flatMap(({ from, to }) => {
    if (!from.startsWith(`${imageEspDirectory}/`)) return [{ from, to: `${espDirectory}/${to}` }];
    const name = from.slice(from.lastIndexOf('/') + 1);
    return to.startsWith('EFI/BOOT/')
      ? [{ from: `${espDirectory}/EFI/${directory}/${name}`, to: `${espDirectory}/${to}` }]
      : [];
  });
}
