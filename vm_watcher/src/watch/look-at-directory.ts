import { access, readFile, realpath, stat } from 'node:fs/promises';

import type { Mount } from '@pxeboot/config/kit/mount-info';
import { mountOf, overlayLayers, parseMountInfo } from '@pxeboot/config/kit/mount-info';

import type { DirectoryLook } from '../decide/next-watch.ts';
import type { FileSystemFacts } from '../decide/watch-mode.ts';

/** @returns undefined while there is no directory, or none that can be looked at */
export async function lookAtDirectory(path: string): Promise<DirectoryLook | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isDirectory()) return undefined;
    const facts = await factsOf(path);
    return {
      identity: `${stats.dev} ${stats.ino} ${facts.type}`,
      stamp: `${stats.mtimeNs} ${stats.ctimeNs}`,
      facts,
    };
  } catch {
    return undefined;
  }
}

async function factsOf(path: string): Promise<FileSystemFacts> {
  const mounts = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  const mount = mountOf(mounts, await realpath(path));
  return mount?.type === 'overlay' ? { type: 'overlay', layers: await layersOf(mounts, mount) } : { type: mount?.type };
}

/** @returns undefined when a layer cannot be seen, as from inside a container */
async function layersOf(mounts: readonly Mount[], overlay: Mount): Promise<FileSystemFacts['layers']> {
  const layers = overlayLayers(overlay);
  try {
    await Promise.all(layers.map((layer) => access(layer)));
    return layers.map((layer) => mountOf(mounts, layer)?.type);
  } catch {
    return undefined;
  }
}
