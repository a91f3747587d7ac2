import { readFile } from 'node:fs/promises';

import { architectures } from '@pxeboot/config/contract/architecture';
import { InputError } from '@pxeboot/config/kit/errors';

import type { Context } from '../context.ts';
import { loaderSuffixes } from '../distro/signed-chain.ts';
import type { BootLoader } from './boot-loader-data.ts';
import { enterLoader, putGrubCfgOnEsp, putOnEsp } from './esp.ts';

/** Puts the GRUB of the installer's initrd onto the ESP. It reads its configuration under the removable path, wherever it is itself.
 * @throws InputError the initrd has none */
export async function putOwn(step: BootLoader, osId: string, context: Context): Promise<void> {
  const { site, log, system } = context;
  const { installer } = step.grub;
  const text = await readFile(site.ownGrub).catch(() => undefined);
  if (text === undefined) {
    const what = (await system.hasContent(installer.path))
      ? `${installer.name} cannot be used`
      : `has no ${installer.name}`;
    throw new InputError(
      `install GRUB: the root file system ${what}, and the initrd has none at "${site.ownGrub}"; ` +
        `add the package ${installer.package} to the root file system`,
    );
  }
  log.info("the installer's own GRUB", { reason: 'the root file system brings none that can be used' });
  const { removableLoader } = architectures[step.arch];
  const loader = `EFI/${osId}/grub${loaderSuffixes[step.arch]}.efi`;
  for (const path of [loader, `EFI/BOOT/${removableLoader}`]) await putOnEsp(site.ownGrub, path, context);
  await putGrubCfgOnEsp(step, ['BOOT'], context);
  await enterLoader(step, osId, loader, context);
}
