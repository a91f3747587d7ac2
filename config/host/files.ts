import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { HostError, isErrno } from '../kit/errors.ts';

/** True when there is something at this path.
 * @throws HostError it cannot be found out, as on a disk that cannot be read */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR')) return false;
    throw new HostError(`look for "${path}"`, { cause });
  }
}

/** The text of a file that may be missing; a file of a process that has ended counts as missing too (ESRCH).
 * @param what the file in the words of the error
 * @throws HostError it is there and cannot be read */
export async function readIfThere(path: string, what = `"${path}"`): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ESRCH')) return undefined;
    throw new HostError(`read ${what}`, { cause });
  }
}

/** Opens a file of a directory that others write, for reading. Without waiting: opening a FIFO would last until somebody writes
 * into it, and hold one of the few threads that read files.
 * @throws HostError it is no regular file; the file system's error when it cannot be opened */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new HostError('it is not a regular file');
}

/** Replaces a file in one step: a reader sees the old content or the new, never a part.
 * Writes `<path>.new` beside it, flushes it, renames it, flushes the directory.
 * @throws the file system's error; the old file is then still there */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.new`;
  try {
    const file = await open(beside, 'w', 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
