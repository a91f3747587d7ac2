import { readFile, realpath, stat, statfs } from 'node:fs/promises';

import { mountOf, overlayLayers, parseMountInfo } from '@pxeboot/config/mount-info';
import type { FileSystemFacts } from './watch-mode.ts';

/** A directory at one moment. */
export interface DirectoryLook {
  /** Differs when another directory, or another file system, has taken the path. */
  identity: string;
  /** Differs when a file has come, gone or been renamed. */
  stamp: string;
  facts: FileSystemFacts;
}

/** @returns undefined while there is no directory, or none that can be looked at */
export async function lookAtDirectory(path: string): Promise<DirectoryLook | undefined> {
  try {
    const [stats, { type: magic }] = await Promise.all([stat(path, { bigint: true }), statfs(path)]);
    if (!stats.isDirectory()) return undefined;
    return {
      identity: `${stats.dev} ${stats.ino} ${magic}`,
      stamp: `${stats.mtimeNs} ${stats.ctimeNs}`,
      facts: { magic, layers: await layersOf(path) },
    };
  } catch {
    return undefined;
  }
}

/** @returns undefined when it is no overlay, or a layer cannot be seen, as from inside a container */
async function layersOf(path: string): Promise<number[] | undefined> {
  const mount = mountOf(parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8')), await realpath(path));
  if (mount?.type !== 'overlay') return undefined;
  try {
    return await Promise.all(overlayLayers(mount).map(async (layer) => (await statfs(layer)).type));
  } catch {
    return undefined;
  }
}
