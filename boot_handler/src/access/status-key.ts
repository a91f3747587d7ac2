import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';

import { HostError, isErrno } from '@pxeboot/config/kit/errors';

const keyBytes = 32;

/** The key of the status tokens: that of the file, or a new one, which is written there. Tokens outlive a restart of boot_handler.
 * @throws HostError the file cannot be read or written */
export async function readOrMakeStatusKey(file: string): Promise<Buffer> {
  const known = await readFile(file).catch((cause: unknown) => {
    if (isErrno(cause, 'ENOENT')) return undefined;
    throw new HostError(`read the key of the status tokens "${file}"`, { cause });
  });
  return known?.length === keyBytes ? known : makeStatusKey(file);
}

async function makeStatusKey(file: string): Promise<Buffer> {
  const key = randomBytes(keyBytes);
  try {
    await using handle = await open(`${file}.new`, 'w', 0o600);
    await handle.chmod(0o600);
    await handle.writeFile(key);
    await handle.sync();
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw new HostError(`write the key of the status tokens "${file}"`, { cause });
  }
  return key;
}
