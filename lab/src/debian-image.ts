import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { run } from '@pxeboot/config/host/run';
import { describeError, InputError } from '@pxeboot/config/kit/errors';

import type { LabSettings } from './decide/settings.ts';
import { keyOf, putIntoCache, takeFromCache } from './image-cache.ts';

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
  'debian-12-selinux': { suite: 'bookworm', env: { SELINUX: '1' } },
  // Re-enacted: lab/image/like/*/change.sh. Debian 13 has the GRUB of Ubuntu 24.04 (2.12), and a systemd and a cloud-init that are
  // not older than those of both.
  'ubuntu-24.04-like': { suite: 'trixie', env: { LIKE: 'ubuntu', MODULES: 'all' } },
  'ubuntu-24.04-like-signed': { suite: 'trixie', env: { LIKE: 'ubuntu', MODULES: 'all', WITHOUT_EFI_GRUB: '1' } },
  'fedora-40-like': { suite: 'trixie', env: { LIKE: 'fedora' } },
};
export const debianImages: readonly string[] = Object.keys(images);
/** The build script and what it reads. */
const sources = 'lab/image';
/** In the checkout: the list of modules that an installer may need. */
export const moduleList = `${sources}/modules.txt`;
/** Variables that the build script obeys. */
const scriptEnvironment = ['KERNEL', 'MODULES', 'MIRROR', 'LIKE', 'WITHOUT_EFI_GRUB', 'SELINUX'];

/** Where the files of a distribution lie: images/<distro>/<arch>. */
export function imageDirectory(lab: LabSettings, distro: string, arch: Arch): string {
  return join(lab.images, distro, arch);
}

/** Makes images/<distro>/<arch>, whole or not at all, and says how: one that is there stays; one that another clone has made from the
 * same sources is copied from the cache; else mmdebstrap builds it, and it is kept there.
 * @param fresh builds it in any case */
export async function buildImage(
  lab: LabSettings,
  distro: string,
  arch: Arch,
  { fresh = false }: { fresh?: boolean } = {},
): Promise<string> {
  const image = images[distro];
  if (image === undefined) {
    throw new InputError(`build an image: "${distro}" is none of ${debianImages.join(', ')}`);
  }
  const directory = imageDirectory(lab, distro, arch);
  if (!fresh && existsSync(join(directory, 'rootfs.tar.gz'))) return 'kept';
  const entry = await cacheEntry(lab, distro, arch, image);
  const made = fresh || entry === undefined ? undefined : await takeFromCache(entry, directory);
  if (made !== undefined) return `kept from ${made}, in "${entry}"`;
  const script = join(lab.root, sources, 'build-debian.sh');
  await run(script, [image.suite, arch, directory], { timeoutMs: 0, env: image.env ?? {} });
  if (entry !== undefined) await putIntoCache(entry, directory).catch(warnOfCache);
  return 'built';
}

/** Where this image is kept for other clones: by all that goes into it but Debian's packages of the day. */
async function cacheEntry(
  lab: LabSettings,
  distro: string,
  arch: Arch,
  { suite, env = {} }: DebianImage,
): Promise<string | undefined> {
  if (lab.imageCache === undefined) {
    warnOfCache(new InputError('neither XDG_CACHE_HOME nor HOME is set'));
    return undefined;
  }
  const given = Object.fromEntries(scriptEnvironment.map((name) => [name, env[name] ?? process.env[name] ?? '']));
  const rootfs = process.env['ROOTFS_TAR'] ?? '';
  const changed = rootfs === '' ? '' : `${rootfs} ${(await stat(rootfs)).mtimeMs}`;
  const key = await keyOf(join(lab.root, sources), { suite, arch, changed, ...given });
  return join(lab.imageCache, distro, arch, key);
}

function warnOfCache(reason: unknown): void {
  console.error(`keep the image directory for other clones: ${describeError(reason)}; going on without that`);
}
