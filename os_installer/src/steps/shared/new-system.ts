import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { InputError } from '@pxeboot/config/kit/errors';

/** The text of the new system's /etc/os-release.
 * @throws InputError it has none: this is no root file system */
export async function readOsRelease(target: string): Promise<string> {
  try {
    return await readFile(join(target, 'etc/os-release'), 'utf8');
  } catch (cause) {
    throw new InputError('read /etc/os-release of what was unpacked: it has none, so it is no root file system', {
      cause,
    });
  }
}

/** Writes a file of the new system, with the directories above it. */
export async function put(target: string, path: string, content: string): Promise<void> {
  const file = join(target, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
