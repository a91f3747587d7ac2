import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/architecture';
import { InputError } from '@pxeboot/config/errors';
import { run } from '@pxeboot/config/run';

import type { LabSettings } from './settings.ts';

/** What the build script is told, by the name of the image. */
interface DebianImage {
  suite: string;
  /** Its environment variables. */
  env?: Readonly<Record<string, string>>;
}

const images: Readonly<Record<string, DebianImage>> = {
  'debian-12': { suite: 'bookworm' },
  'debian-13': { suite: 'trixie' },
  'debian-12-generic': { suite: 'bookworm', env: { KERNEL: 'generic', MODULES: 'all' } },
};
export const debianImages: readonly string[] = Object.keys(images);

/** Where the files of a distribution lie: images/<distro>/<arch>. */
export function imageDirectory(lab: LabSettings, distro: string, arch: Arch): string {
  return join(lab.images, distro, arch);
}

/** Builds images/<distro>/<arch> with mmdebstrap, whole or not at all; one that is there is kept. */
export async function buildImage(lab: LabSettings, distro: string, arch: Arch): Promise<'built' | 'kept'> {
  const image = images[distro];
  if (image === undefined) {
    throw new InputError(`build an image: "${distro}" is none of ${debianImages.join(', ')}`);
  }
  const directory = imageDirectory(lab, distro, arch);
  if (existsSync(join(directory, 'rootfs.tar.gz'))) return 'kept';
  const script = join(lab.root, 'lab/image/build-debian.sh');
  await run(script, [image.suite, arch, directory], { timeoutMs: 0, env: image.env ?? {} });
  return 'built';
}
