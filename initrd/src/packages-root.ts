import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { isErrno } from '@pxeboot/config/kit/errors';

/** A directory of unpacked packages, whose absolute links point into itself.
 * Debian's packages hold /lib, /lib64, /bin and /sbin only below /usr; such a path is looked up there. */
export interface PackagesRoot {
  /** The bytes of the file at this path, links followed; undefined where there is none. */
  read(path: string): Uint8Array | undefined;
}

const maximumLinks = 40; // as the kernel, path_resolution(7)

/** Opens a directory of unpacked packages; each file is read from disk once. */
export function openPackagesRoot(root: string): PackagesRoot {
  const cache = new Map<string, Uint8Array | undefined>();

  function read(path: string): Uint8Array | undefined {
    if (!cache.has(path)) {
      const found = follow(root, path) ?? follow(root, join('usr', path));
      cache.set(path, found === undefined ? undefined : readFileSync(join(root, found)));
    }
    return cache.get(path);
  }

  return { read };
}

/** The path, relative to the root, of the regular file that a path leads to. */
function follow(root: string, path: string): string | undefined {
  let current = inside(path);
  for (let links = 0; links < maximumLinks; links++) {
    const stats = lstatOf(join(root, current));
    if (stats?.isFile()) return current;
    if (!stats?.isSymbolicLink()) return undefined;
    const target = readlinkSync(join(root, current));
    current = inside(target.startsWith('/') ? target : join(dirname(current), target));
  }
  return undefined;
}

/** A path without leading slash and without "..", which at the root means the root. */
function inside(path: string): string {
  return normalize(`/${path}`).slice(1);
}

function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
