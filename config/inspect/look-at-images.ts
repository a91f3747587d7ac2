import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { architectureNames } from '../contract/architecture.ts';
import { chooseRootfs, isUnfinished } from '../definitions/image-choice.ts';
import { HostError, isErrno } from '../kit/errors.ts';
import { compareText } from '../kit/text.ts';
import type { ImageLook } from './decide/next-inspection.ts';

/** Looks at every image directory `<images>/<distro>/<arch>`, without reading a file. One that disappears meanwhile, or cannot be
 * listed, is left out.
 * @throws HostError the directory of them all is there and cannot be listed */
export async function lookAtImages(imagesDir: string): Promise<ImageLook[]> {
  const distros = (await list(imagesDir)).filter((name) => !name.startsWith('.')).toSorted(compareText);
  const looks: ImageLook[] = [];
  for (const distro of distros) {
    for (const arch of architectureNames) {
      const look = await lookAtImage(imagesDir, `${distro}/${arch}`).catch(() => undefined);
      if (look !== undefined) looks.push(look);
    }
  }
  return looks;
}

/** @returns undefined when the directory is not there, or has none of the files that an inspection reads
 * @throws HostError it is there and cannot be listed */
export async function lookAtImage(imagesDir: string, image: string): Promise<ImageLook | undefined> {
  const directory = join(imagesDir, image);
  const names = (await list(directory)).filter((name) => !isUnfinished(name));
  const rootfs = chooseRootfs(names);
  const read = names.filter((name) => name === rootfs || name === 'modules.cpio.gz' || name.startsWith('vmlinu'));
  if (read.length === 0) return undefined;
  const marks = await Promise.all(read.toSorted(compareText).map((name) => markOf(directory, name)));
  return { image, fingerprint: marks.join(' '), names, ...(rootfs === undefined ? {} : { rootfs }) };
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR')) return [];
    throw new HostError(`list the directory "${directory}"`, { cause });
  }
}

/** Identifies a file's content, and who may read it, without reading it: a mode that is changed shows in ctime alone. */
async function markOf(directory: string, name: string): Promise<string> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(join(directory, name));
    return `${name}:${size}:${mtimeMs}:${ctimeMs}:${ino}`;
  } catch {
    return `${name}:-`;
  }
}
