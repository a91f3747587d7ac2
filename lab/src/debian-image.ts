import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/architecture';
import { InputError } from '@pxeboot/config/errors';
import { run } from '@pxeboot/config/run';

import type { LabSettings } from './settings.ts';

const suites: Record<string, string> = { 'debian-12': 'bookworm', 'debian-13': 'trixie' };
/** Another architecture is emulated: 551 s were measured. */
const buildTimeoutMs = 1_800_000;

export function imageDirectory(lab: LabSettings, distro: string, arch: Arch): string {
  return join(lab.images, distro, arch);
}

/** Builds images/<distro>/<arch> with mmdebstrap, whole or not at all; one that is there is kept. */
export async function buildImage(lab: LabSettings, distro: string, arch: Arch): Promise<'built' | 'kept'> {
  const suite = suites[distro];
  if (suite === undefined) {
    throw new InputError(`build an image: "${distro}" is none of ${Object.keys(suites).join(', ')}`);
  }
  const directory = imageDirectory(lab, distro, arch);
  if (existsSync(join(directory, 'rootfs.tar.gz'))) return 'kept';
  const script = join(lab.root, 'lab/image/build-debian.sh');
  await run(script, [suite, arch, directory], { timeoutMs: buildTimeoutMs });
  return 'built';
}
