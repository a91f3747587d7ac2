import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Cleanup } from './cleanup.ts';
import { listPartitions, probeFileSystems } from './probe-disk.ts';
import { findRoot } from './find-root.ts';
import { ReadOnlyMounts } from './mount-read-only.ts';
import { describeTrees, mountSystem } from './mounted-system.ts';
import type { RootSource } from './root-source.ts';
import { SystemTree } from './system-tree.ts';
import { measureTrees, writeTrees } from './trees-to-tar.ts';

/** The system on a raw disk image, its file systems mounted read-only.
 * @param folder for mount points and the ESP's files
 * @throws InputError it has no root file system, more than one, or one that cannot be looked into; HostError a program failed */
export async function openDisk(
  raw: string,
  folder: string,
  { cleanup, say, signal }: { cleanup: Cleanup; say: (line: string) => void; signal: AbortSignal },
): Promise<RootSource> {
  await mkdir(folder, { recursive: true });
  const fileSystems = await probeFileSystems(raw, await listPartitions(raw));
  signal.throwIfAborted();
  const mounts = new ReadOnlyMounts(raw, join(folder, 'mounts'), { cleanup, say });
  const root = await findRoot(fileSystems, mounts);
  signal.throwIfAborted();
  const trees = await mountSystem(root, fileSystems, { raw, folder, mounts, say });
  signal.throwIfAborted();
  return {
    system: new SystemTree(trees),
    tarBytes: await measureTrees(trees, signal),
    partitions: describeTrees(trees, fileSystems),
    writeTar: (destination, options) => writeTrees(trees, destination, options),
  };
}
