import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { openRegular } from '@pxeboot/config/host/files';
import { siblingFile } from '@pxeboot/config/kit/definition-file';
import { HostError, isErrno } from '@pxeboot/config/kit/errors';

const readAtMost = 64 * 1024;

/** The token of `<name>.reinstall` beside a definition, by its content and its time; empty when there is none.
 * @param file the definition's base name, as `web1.json`
 * @throws HostError it is there and cannot be read */
export async function readReinstallToken(vmsDir: string, file: string): Promise<string> {
  const path = join(vmsDir, siblingFile(file, '.reinstall'));
  try {
    await using handle = await openRegular(path);
    const { mtimeNs } = await handle.stat({ bigint: true });
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(readAtMost), 0, readAtMost, 0);
    return createHash('sha256').update(`${mtimeNs} `).update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 32);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT', 'ENOTDIR')) return '';
    throw new HostError(`read "${path}"`, { cause });
  }
}
