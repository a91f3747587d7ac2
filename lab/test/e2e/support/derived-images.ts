import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { run } from '@pxeboot/config/host/run';

import { imageDirectory } from '../../../src/debian-image.ts';
import type { LabSettings } from '../../../src/decide/settings.ts';

const timeoutMs = 300_000;
export const gzipRootfs = 'rootfs.tar.gz';

/** A filter of deriveImage: leaves out kernel, initramfs and modules. */
export const withoutKernel =
  "gzip -dc \"$1\" | tar --delete --wildcards -f - './boot/vmlinuz-*' './boot/initrd.img-*' './usr/lib/modules/*' | gzip -1";

/** An image directory like another one, with a root file system of its own in place of the other's, or beside it.
 * @param filter a shell pipeline that makes the tarball on its standard output from `$1`, the other's tarball
 * @param file that it is written to */
export async function deriveImage(
  lab: LabSettings,
  from: string,
  to: string,
  arch: Arch,
  filter: string,
  file = gzipRootfs,
): Promise<void> {
  const [source, target] = [imageDirectory(lab, from, arch), imageDirectory(lab, to, arch)];
  await removeImage(lab, to);
  await mkdir(target, { recursive: true });
  const others = (await readdir(source)).filter((name) => name !== file);
  for (const name of others) await link(join(source, name), join(target, name));
  const script = `set -o pipefail; ${filter} > "$2"`;
  await run('bash', ['-c', script, 'derive-image', join(source, gzipRootfs), join(target, file)], { timeoutMs });
}

export async function removeImage(lab: LabSettings, distro: string): Promise<void> {
  await rm(join(lab.images, distro), { recursive: true, force: true });
}
