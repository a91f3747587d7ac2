import type { FileHandle } from 'node:fs/promises';
import { lstat, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openRegular } from '../host/files.ts';
import { InputError, isErrno } from '../kit/errors.ts';
import { showValue } from '../kit/text.ts';

/** A directory of this machine that is a part of the imported system. */
export interface Tree {
  /** Where the system has it: `/`, `/boot`. */
  at: string;
  directory: string;
}

/** More links than any system has one after the other: Linux, include/linux/namei.h, MAXSYMLINKS. */
const mostLinks = 40;
/** modules.dep is the largest text that is read; those of distributions have about 1 MB. */
const largestText = 16 * 2 ** 20;

/** The imported system, in as many trees as it has file systems. A link never leads out of it. */
export class SystemTree {
  readonly #trees: readonly Tree[];

  constructor(trees: readonly Tree[]) {
    this.#trees = trees.toSorted((a, b) => b.at.length - a.at.length);
  }

  /** Where a file of the system is on this machine, its links followed as the system would; undefined when it is missing.
   * @param path absolute, in the system */
  async locate(path: string): Promise<string | undefined> {
    const rest = path.split('/');
    let here: string[] = [];
    let links = 0;
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        here.pop();
        continue;
      }
      const target = await linkTarget(this.#onMachine([...here, part]));
      if (target === 'missing') return undefined;
      if (target === 'no link') {
        here.push(part);
        continue;
      }
      if (++links > mostLinks) return undefined;
      if (target.link.startsWith('/')) here = [];
      rest.unshift(...target.link.split('/'));
    }
    return this.#onMachine(here);
  }

  /** The text of a file; undefined when it is missing.
   * @throws InputError it is no regular file, or larger than what is read of an image; the file system's error */
  async read(path: string): Promise<string | undefined> {
    await using file = await this.#open(path);
    if (file === undefined) return undefined;
    const { size } = await file.stat();
    if (size > largestText) {
      throw new InputError(
        `read ${showValue(path)} of the image: it has more than ${largestText} bytes; is it damaged?`,
      );
    }
    return await file.readFile('utf8');
  }

  /** The first bytes of a file; undefined when it is missing.
   * @throws InputError it is no regular file; the file system's error */
  async head(path: string, bytes: number): Promise<Uint8Array | undefined> {
    await using file = await this.#open(path);
    if (file === undefined) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  }

  /** Copies the content of a file to this machine.
   * @returns false when it is missing
   * @throws InputError it is no regular file; the file system's error */
  async copy(path: string, target: string): Promise<boolean> {
    await using file = await this.#open(path);
    if (file === undefined) return false;
    await writeFile(target, file.createReadStream());
    return true;
  }

  /** Opens regular files only, and looks first: opening a device may already do something, and an archive may bring one. */
  async #open(path: string): Promise<FileHandle | undefined> {
    const file = await this.locate(path);
    if (file === undefined) return undefined;
    if ((await lstat(file)).isFile()) return openRegular(file);
    throw new InputError(`read ${showValue(path)} of the image: it is not a regular file`);
  }

  /** The names in a directory; none when it is missing. @throws the file system's error */
  async names(path: string): Promise<string[]> {
    const directory = await this.locate(path);
    if (directory === undefined) return [];
    try {
      return (await readdir(directory)).sort();
    } catch (error) {
      if (isErrno(error, 'ENOTDIR')) return [];
      throw error;
    }
  }

  #onMachine(parts: readonly string[]): string {
    const path = `/${parts.join('/')}`;
    const tree = this.#trees.find(({ at }) => at === '/' || path === at || path.startsWith(`${at}/`));
    if (tree === undefined) throw new Error(`no tree holds "${path}"`);
    return join(tree.directory, tree.at === '/' ? path : path.slice(tree.at.length));
  }
}

async function linkTarget(path: string): Promise<'missing' | 'no link' | { link: string }> {
  try {
    return (await lstat(path)).isSymbolicLink() ? { link: await readlink(path) } : 'no link';
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return 'missing';
    throw error;
  }
}
