import { readFile } from 'node:fs/promises';

import { HostError, isErrno } from '../kit/errors.ts';

/** The text of a file that may be missing; a process that ends while /proc tells of it counts as missing too.
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
