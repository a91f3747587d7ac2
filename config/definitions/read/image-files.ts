import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '../../contract/architecture.ts';
import { HostError, isErrno } from '../../kit/errors.ts';
import type { ImageFiles, InspectedImage } from '../image-choice.ts';
import { findServed } from './served-path.ts';

export interface ImageStore {
  /** What lies in `<images>/<distro>/<arch>/`; not older than a second. Without a distribution there is no directory.
   * @throws HostError the directory is there and cannot be read */
  list(distro: string | undefined, arch: Arch): Promise<ImageFiles>;
}

const keepMs = 1000;
const keepAtMost = 256;

interface Listing {
  readAt: number;
  files: Promise<ImageFiles>;
}

/** What is known about the content of `<distro>/<arch>`. */
export type FindInspected = (image: string) => InspectedImage | undefined | Promise<InspectedImage | undefined>;

/** The images directory, listed at most once a second per distribution: it often lies on a slow share.
 * @param findInspected asked at each `list` */
export function createImageStore(
  imagesDir: string,
  findInspected: FindInspected = () => undefined,
  now: () => number = () => performance.now(),
): ImageStore {
  const listings = new Map<string, Listing>();

  function listed(key: string): Promise<ImageFiles> {
    const known = listings.get(key);
    if (known !== undefined && now() - known.readAt < keepMs) return known.files;
    if (listings.size >= keepAtMost) listings.clear();
    const listing = { readAt: now(), files: listImage(imagesDir, key) };
    listings.set(key, listing);
    listing.files.catch(() => listings.delete(key));
    return listing.files;
  }

  return {
    async list(distro, arch) {
      if (distro === undefined) return { directory: 'images', exists: false, names: [] };
      const key = `${distro}/${arch}`;
      const [files, inspected] = await Promise.all([listed(key), findInspected(key)]);
      return inspected === undefined ? files : { ...files, inspected };
    },
  };
}

async function listImage(imagesDir: string, key: string): Promise<ImageFiles> {
  try {
    const names = await readdir(join(imagesDir, key));
    const states = await Promise.all(names.map((name) => stateOf(imagesDir, `${key}/${name}`)));
    const those = (wanted: FileState): string[] => names.filter((_, index) => states[index] === wanted);
    return {
      directory: `images/${key}`,
      exists: true,
      names,
      unreadable: those('unreadable'),
      outside: those('outside'),
    };
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR')) return { directory: `images/${key}`, exists: false, names: [] };
    throw new HostError(`list the image directory "${join(imagesDir, key)}"`, { cause });
  }
}

type FileState = 'served' | 'unreadable' | 'outside';

/** nginx runs as another user without more rights than ours, so what this one may not read, that one may not either. */
async function stateOf(imagesDir: string, path: string): Promise<FileState> {
  const served = await findServed(imagesDir, path).catch(() => undefined);
  if (served?.kind === 'outside') return 'outside';
  if (served?.kind !== 'inside') return 'unreadable';
  return access(join(imagesDir, path), constants.R_OK).then(
    () => 'served',
    () => 'unreadable',
  );
}
