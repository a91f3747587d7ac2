import { access } from 'node:fs/promises';

import { isErrno } from '@pxeboot/config/errors';

/** True when there is something at this path.
 * @throws it cannot be found out, as on a disk that cannot be read */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
