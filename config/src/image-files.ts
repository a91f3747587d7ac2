import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from './architecture.ts';
import { HostError, isErrno } from './errors.ts';

import type { ImageFiles } from './image-choice.ts';

export interface ImageStore {
  /** What lies in `<images>/<distro>/<arch>/`; not older than a second.
   * @throws HostError the directory is there and cannot be read */
  list(distro: string, arch: Arch): Promise<ImageFiles>;
}

const keepMs = 1000;
const keepAtMost = 256;

interface Listing {
  readAt: number;
  files: Promise<ImageFiles>;
}

/** The images directory, listed at most once a second per distribution: it often lies on a slow share. */
export function createImageStore(imagesDir: string, now: () => number = () => performance.now()): ImageStore {
  const listings = new Map<string, Listing>();

  return {
    list(distro, arch) {
      const key = `${distro}/${arch}`;
      const known = listings.get(key);
      if (known !== undefined && now() - known.readAt < keepMs) return known.files;
      if (listings.size >= keepAtMost) listings.clear();
      const listing = { readAt: now(), files: listImage(imagesDir, key) };
      listings.set(key, listing);
      listing.files.catch(() => listings.delete(key));
      return listing.files;
    },
  };
}

async function listImage(imagesDir: string, key: string): Promise<ImageFiles> {
  try {
    return { directory: `images/${key}`, exists: true, names: await readdir(join(imagesDir, key)) };
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR')) return { directory: `images/${key}`, exists: false, names: [] };
    throw new HostError(`list the image directory "${join(imagesDir, key)}"`, { cause });
  }
}
