import { lstat, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { HostError, InputError, isErrno } from '@pxeboot/config/kit/errors';

/** Linux gives up after as many links (path_resolution(7)). */
const mostLinks = 40;

/** The files of the system that is being installed. Paths are those of the system, without their first slash. Links are followed as the
 * system itself would follow them: an absolute one begins at its root, and none leads out of it. A link at a path that is written is
 * replaced by what is written: what the installer writes must be there before anything else is mounted. */
export interface NewSystem {
  /** Where the installer finds a path; what does not exist keeps its name.
   * @throws InputError links that never end, or through what is no directory */
  resolve(path: string): Promise<string>;
  /** The text of a file; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** The names in a directory, sorted; none when there is no directory. */
  list(path: string): Promise<string[]>;
  /** True when something is there. */
  has(path: string): Promise<boolean>;
  isFile(path: string): Promise<boolean>;
  /** True when there is a file and it is not empty. */
  hasContent(path: string): Promise<boolean>;
  /** Writes a file, with the directories above it. */
  write(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Makes a link, with the directories above it. @param to where it leads to, as the system sees it */
  link(path: string, to: string): Promise<void>;
  /** Where the installer may write a file: the directories above it exist, and nothing is in its place: a link would lead away, and what is
   * written into a file would be in all its hard links. */
  place(path: string): Promise<string>;
  /** Makes it a directory of its own, with those above it.
   * @returns where the installer finds it */
  makeDirectory(path: string, mode?: number): Promise<string>;
  /** Makes it a directory to mount something at, which is where its name says: mount(8) follows links in the installer's own root.
   * @throws InputError a directory above it is a link */
  makeMountPoint(path: string): Promise<void>;
  /** Gives a file, a link or a directory another place, in place of what is there. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, a link (not what it leads to) or a directory with all that is in it; nothing there is no error. */
  remove(path: string): Promise<void>;
}

/** @param root mount point of the new root file system */
export function newSystemAt(root: string): NewSystem {
  const resolve = (path: string): Promise<string> => resolveInside(root, path);

  /** The entry itself: links above it are followed, it is not. */
  async function entry(path: string): Promise<string> {
    const parent = await resolve(dirname(path));
    return join(parent, path.slice(path.lastIndexOf('/') + 1));
  }

  async function makeDirectories(path: string): Promise<string> {
    const directory = await resolve(path);
    await naming(`make the directory "/${path}"`, () => mkdir(directory, { recursive: true }));
    return directory;
  }

  async function place(path: string): Promise<string> {
    await makeDirectories(dirname(path));
    const file = await entry(path);
    if (!(await isDirectory(file))) await rm(file, { force: true });
    return file;
  }

  async function makeDirectory(path: string, mode?: number): Promise<string> {
    await makeDirectories(dirname(path));
    const directory = await entry(path);
    if (await isLink(directory)) await rm(directory);
    await naming(`make the directory "/${path}"`, () => mkdir(directory, { recursive: true, ...withMode(mode) }));
    return directory;
  }

  return {
    resolve,
    place,
    makeDirectory,
    read: async (path) => ifThere(`read "/${path}"`, readFile(await resolve(path), 'utf8')),
    list: async (path) => (await ifThere(`list "/${path}"`, readdir(await resolve(path))))?.sort() ?? [],
    has: async (path) => (await statusOf(await resolve(path))) !== undefined,
    isFile: async (path) => (await statusOf(await resolve(path)))?.isFile() === true,
    async hasContent(path) {
      const status = await statusOf(await resolve(path));
      return status?.isFile() === true && status.size > 0;
    },
    async write(path, content, mode) {
      const file = await place(path);
      await naming(`write "/${path}"`, () => writeFile(file, content, withMode(mode)));
    },
    async link(path, to) {
      const file = await place(path);
      await naming(`make the link "/${path}"`, () => symlink(to, file));
    },
    async makeMountPoint(path) {
      const directory = await makeDirectory(path);
      if (directory !== join(root, path)) throw linkAbove(path, directory.slice(root.length));
    },
    async rename(from, to) {
      const destination = await place(to);
      await rm(destination, { recursive: true, force: true });
      const source = await entry(from);
      await naming(`rename "/${from}"`, () => rename(source, destination));
    },
    async remove(path) {
      await rm(await entry(path), { recursive: true, force: true });
    },
  };
}

function linkAbove(path: string, place: string): InputError {
  return new InputError(
    `make "/${path}" of the new system a place to mount at: a directory above it is a link to "${place}"; ` +
      'make it a directory in the root file system',
  );
}

function withMode(mode: number | undefined): { mode?: number } {
  return mode === undefined ? {} : { mode };
}

/** Follows links as in a chroot. */
async function resolveInside(root: string, path: string): Promise<string> {
  const rest = parts(path);
  let [at, links] = ['', 0];
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '..') {
      at = at === '' ? '' : at.slice(0, at.lastIndexOf('/'));
      continue;
    }
    const link = await linkAt(`${root}${at}/${part}`, path);
    if (link === undefined) {
      at = `${at}/${part}`;
      continue;
    }
    if (++links > mostLinks) throw new InputError(`find "/${path}" of the new system: its links lead to each other`);
    if (link.startsWith('/')) at = '';
    rest.unshift(...parts(link));
  }
  return `${root}${at}`;
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** Where a link leads to; undefined for anything else, and for nothing. */
async function linkAt(file: string, path: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (cause) {
    if (isErrno(cause, 'EINVAL', 'ENOENT')) return undefined;
    if (!isErrno(cause, 'ENOTDIR')) throw new HostError(`find "/${path}" of the new system`, { cause });
    return undefined;
  }
}

async function isLink(file: string): Promise<boolean> {
  return lstat(file).then(
    (status) => status.isSymbolicLink(),
    () => false,
  );
}

async function ifThere<T>(doing: string, result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new HostError(`${doing} of the new system`, { cause });
  }
}

/** The entry itself, not what it leads to. */
async function isDirectory(file: string): Promise<boolean> {
  return lstat(file).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

async function statusOf(file: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  return stat(file).catch(() => undefined);
}

/** What is in the way has a name that says little without what was being done. */
async function naming(doing: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    if (isErrno(cause, 'EEXIST', 'ENOTDIR', 'EISDIR')) {
      throw new InputError(`${doing} of the new system: something else is in its place; correct the root file system`, {
        cause,
      });
    }
    throw new HostError(`${doing} of the new system`, { cause });
  }
}
