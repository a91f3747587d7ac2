import type { Arch } from '@pxeboot/config/contract/architecture';

import { buildImage } from '../../../src/debian-image.ts';
import { docker } from '../../../src/engine.ts';
import { labReset, labUp, testLab } from '../../../src/lab.ts';

export const lab = testLab();

/** What most VMs of these tests are. */
export const usual = { arch: 'x86_64', distro: 'debian-12', pxeboot: true } as const;

/** The container of the lab. */
export const container = {
  /** Standard output of a program that is run in it. */
  exec: async (args: readonly string[]): Promise<string> =>
    (await docker(lab, ['exec', lab.container, ...args])).stdout,
};

/** The lab with no VM of an earlier test, with an image to install, and up.
 * @param image which one */
export async function freshLab(
  image: { distro: string; arch: Arch } = usual,
  options: { ipv6?: boolean } = {},
): Promise<void> {
  await labReset(lab);
  await buildImage(lab, image.distro, image.arch);
  await labUp(lab, options);
}
