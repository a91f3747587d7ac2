import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';

import { HostError, isErrno } from '@pxeboot/config/kit/errors';

const keyBytes = 32;

/** The key of the status tokens: that of the file, or a new one, which is written there. Tokens outlive a restart of boot_handler.
 * @param notKept told why the file cannot be read or written; the new key is then this process's alone, and VMs are known by their addresses */
export async function readOrMakeStatusKey(file: string, notKept: (error: unknown) => void): Promise<Buffer> {
  try {
    const known = await readKey(file);
    if (known?.length === keyBytes) return known;
  } catch (error) {
    notKept(error);
    return randomBytes(keyBytes);
  }
  const key = randomBytes(keyBytes);
  await writeKey(file, key).catch(notKept);
  return key;
}

function readKey(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((cause: unknown) => {
    if (isErrno(cause, 'ENOENT')) return undefined;
    throw new HostError(`read the key of the status tokens "${file}"`, { cause });
  });
}

async function writeKey(file: string, key: Buffer): Promise<void> {
  try {
    await using handle = await open(`${file}.new`, 'w', 0o600);
    await handle.chmod(0o600);
    await handle.writeFile(key);
    await handle.sync();
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw new HostError(`write the key of the status tokens "${file}"`, { cause });
  }
}
