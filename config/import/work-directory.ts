import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { HostError } from '../kit/errors.ts';
import { parseMountInfo } from '../kit/mount-info.ts';
import type { Cleanup } from './cleanup.ts';

/** On the file system of the image directories, so that the finished one can be renamed; a name with a dot is no image's. It is removed
 * at the end, unless something is still mounted in it.
 * @param images is made when it is not there
 * @returns its path without links, as the kernel lists mounts
 * @throws the file system's error */
export async function makeWorkDirectory(images: string, cleanup: Cleanup): Promise<string> {
  await mkdir(images, { recursive: true });
  const work = await mkdtemp(join(await realpath(images), '.import-'));
  cleanup.defer(() => removeUnmounted(work));
  return work;
}

async function removeUnmounted(directory: string): Promise<void> {
  const mounts = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  const still = mounts.find(({ mountPoint }) => mountPoint.startsWith(`${directory}/`));
  if (still !== undefined) {
    throw new HostError(
      `remove "${directory}": "${still.mountPoint}" is still mounted; unmount what is mounted there, then remove the directory`,
    );
  }
  await rm(directory, { recursive: true, force: true });
}
