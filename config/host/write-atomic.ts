import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

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
