import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

import { HostError } from '../kit/errors.ts';

/** Opens a file of a directory that others write, for reading. Without waiting: opening a FIFO would last until somebody writes
 * into it, and hold one of the few threads that read files.
 * @throws HostError it is no regular file; the file system's error when it cannot be opened */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new HostError('it is not a regular file');
}
