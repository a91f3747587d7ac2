import { stat } from 'node:fs/promises';

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
