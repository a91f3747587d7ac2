import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { HostError, isErrno } from '../../kit/errors.ts';

/** Where a path below the images directory leads when its links are followed. */
export type ServedPath =
  /** Without a link in it; the directory itself is an empty text. */
  | { kind: 'inside'; path: string }
  /** @property leadsTo the container's absolute path */
  | { kind: 'outside'; leadsTo: string }
  /** Nothing is there, or it has a name that begins with a dot: an import that is not finished, or was set aside. */
  | { kind: 'absent' }
  /** A directory on the way to it is closed to us, and so to nginx. */
  | { kind: 'closed' };

/** The one rule on links among the images: those that stay in the images directory work, those that lead out of it never do, whoever owns
 * them: one of root's could lead to any file of the container. nginx follows none by itself (config/container/templates/nginx.conf.hbs).
 * @param path such as `debian-12/x86_64/rootfs.tar.gz`
 * @throws HostError the path cannot be looked at */
export async function findServed(imagesDir: string, path: string): Promise<ServedPath> {
  const asked = join('/', path);
  if (isHidden(asked)) return { kind: 'absent' };
  try {
    const [root, found] = await Promise.all([realpath(imagesDir), realpath(join(imagesDir, asked))]);
    const inside = relative(root, found);
    if (inside.split(sep)[0] === '..') return { kind: 'outside', leadsTo: found };
    return isImports(inside) ? { kind: 'absent' } : { kind: 'inside', path: inside };
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return { kind: 'absent' };
    if (isErrno(cause, 'EACCES')) return { kind: 'closed' };
    throw new HostError(`look at "${join(imagesDir, asked)}"`, { cause });
  }
}

/** Where an import is still writing, or has put what it replaces. Other hidden directories may be a link's target, as `..data` is. */
function isImports(path: string): boolean {
  return path.split(sep).some((part) => /^\.(?:import|replaced)-/.test(part));
}

function isHidden(path: string): boolean {
  return path.split(sep).some((part) => part.startsWith('.'));
}
