import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { describeError, HostError, InputError, isErrno } from '../kit/errors.ts';
import type { Cleanup } from './cleanup.ts';

/** An image that is being replaced waits next to its place. No list has names with a dot, and the web server does not serve them. */
const asidePrefix = '.replaced-';

/** Gives a finished image directory its name. One that is there is moved aside first, and comes back when the new one cannot take its
 * place; only after that it is removed.
 * @param move renames a directory
 * @throws InputError one is there and is not to be replaced; HostError it could not be done, and what is there now */
export async function putInPlace(
  directory: string,
  target: string,
  { cleanup, force, move = rename }: { cleanup: Cleanup; force?: boolean | undefined; move?: typeof rename },
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await requireFree(target, force);
  const aside = asideOf(target);
  const replaces = await isThere(target);
  if (replaces) await act(`move "${target}" aside, which is as it was`, () => move(target, aside));
  try {
    await move(directory, target);
  } catch (cause) {
    if (!replaces) throw new HostError(`put the finished image into "${target}"`, { cause });
    await act(
      `put the finished image into "${target}": ${describeError(cause)}; the old one could not be put back either: it is in "${aside}", and the next import puts it back`,
      () => move(aside, target),
    );
    throw new HostError(`put the finished image into "${target}", where the old one is again`, { cause });
  }
  if (replaces) cleanup.defer(() => removeAside(aside));
}

/** @throws InputError an image directory is there and is not to be replaced */
export async function requireFree(target: string, force = false): Promise<void> {
  if (force || !(await isThere(target))) return;
  throw new InputError(`make "${target}": it is there; --force replaces it, --name gives the new one another name`);
}

/** Ends what an import did not that was killed, or lost its machine, while it replaced an image: the old one is put back where no new one
 * is, and removed otherwise.
 * @param images may not be there yet
 * @throws HostError it cannot be done */
export async function endReplacements(images: string, say: (line: string) => void): Promise<void> {
  for (const name of await directoriesIn(images)) {
    for (const old of await directoriesIn(join(images, name))) {
      if (!old.startsWith(asidePrefix)) continue;
      const aside = join(images, name, old);
      const target = join(images, name, basename(old).slice(asidePrefix.length));
      if (await isThere(target)) await removeAside(aside);
      else {
        await act(`put "${aside}" back`, () => rename(aside, target));
        say(`put "${target}" back, which an earlier import had set aside and did not replace`);
      }
    }
  }
}

function asideOf(target: string): string {
  return join(dirname(target), `${asidePrefix}${basename(target)}`);
}

function removeAside(aside: string): Promise<void> {
  return act(`remove "${aside}", which was replaced`, () => rm(aside, { recursive: true, force: true }));
}

async function act(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new HostError(what, { cause });
  }
}

/** Also a link that leads nowhere. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return false;
    throw new HostError(`look for "${path}"`, { cause });
  }
}

/** Also what a link has in a directory's place. */
async function directoriesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR', 'ELOOP')) return [];
    throw new HostError(`list "${directory}"`, { cause });
  }
}
