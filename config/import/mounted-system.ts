import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../host/run.ts';
import type { FileSystemName, FstabEntry } from './decide/fstab.ts';
import { fileSystemOf, namesSubvolume, parseFstab, subvolumeOptions } from './decide/fstab.ts';
import { mountPointOfType, partitionName } from './decide/partition-list.ts';
import type { FoundRoot } from './find-root.ts';
import type { ReadOnlyMounts } from './mount-read-only.ts';
import { isMountable } from './mount-read-only.ts';
import type { Tree } from './system-tree.ts';
import { SystemTree } from './system-tree.ts';

/** A tree and the file system that it is of. */
export interface MountedTree extends Tree {
  fileSystem: FileSystemName;
}

const timeoutMs = 600_000;
/** Where the installer mounts the ESP. */
const espMountPoint = '/boot/efi';

/** All file systems of the system, mounted where its fstab says; what the fstab does not mention, by partition types, and /boot also
 * by its content.
 * @param raw the image, @param folder for the files of the ESP, which is copied: no kernel is needed that knows vfat
 * @throws HostError a file system cannot be read */
export async function mountSystem(
  root: FoundRoot,
  fileSystems: readonly FileSystemName[],
  { raw, folder, mounts, say }: { raw: string; folder: string; mounts: ReadOnlyMounts; say: (line: string) => void },
): Promise<MountedTree[]> {
  const trees: MountedTree[] = [{ at: '/', directory: root.directory, fileSystem: root.fileSystem }];
  const rootTree = new SystemTree(trees);
  const entries = parseFstab((await rootTree.read('/etc/fstab')) ?? '').filter(({ mountPoint }) => mountPoint !== '/');
  let esp: { fileSystem: FileSystemName; at: string } | undefined;
  for (const entry of entries.toSorted((a, b) => a.mountPoint.length - b.mountPoint.length)) {
    const fileSystem = fileSystemOf(entry.source, fileSystems);
    if (fileSystem === undefined) say(leftOut(entry, 'is not in the image'));
    else if (fileSystem.type === 'vfat' && isEspMountPoint(entry.mountPoint)) {
      esp = { fileSystem, at: entry.mountPoint === '/boot' ? '/boot' : espMountPoint };
    } else if (!isMountable(fileSystem.type)) say(leftOut(entry, `is ${fileSystem.type}, which is not read`));
    else {
      const mounted = await mountOnce(entry, fileSystem, trees, mounts);
      if ('takenBy' in mounted) say(leftOut(entry, `is mounted on ${mounted.takenBy} already`));
      else trees.push(mounted);
    }
  }
  trees.push(...(await treesByType(fileSystems, trees, mounts)));
  trees.push(...(await bootByContent(fileSystems, trees, mounts)));
  for (const { fileSystem, at } of esp === undefined ? espCandidates(fileSystems) : [esp]) {
    const directory = join(folder, `esp-${fileSystem.partition.number}`);
    await copyFat(raw, fileSystem, directory);
    if (!(await readdir(directory)).some((name) => name.toUpperCase() === 'EFI')) continue;
    return [...trees, { at, directory, fileSystem }];
  }
  return trees;
}

/** A file system is packed once, and so is a subvolume, whatever names it: the top level has all the others in it. */
async function mountOnce(
  entry: FstabEntry,
  fileSystem: FileSystemName,
  trees: readonly MountedTree[],
  mounts: ReadOnlyMounts,
): Promise<MountedTree | { takenBy: string }> {
  const others = trees.filter((tree) => tree.fileSystem === fileSystem);
  const [first] = others;
  if (first !== undefined && !(fileSystem.type === 'btrfs' && namesSubvolume(entry))) return { takenBy: first.at };
  const directory = await mounts.mount(fileSystem, subvolumeOptions(entry));
  const { dev, ino } = await stat(directory);
  for (const other of others) {
    // Each subvolume has a device number of its own, the same wherever it is mounted.
    const its = await stat(other.directory);
    if (its.dev === dev && its.ino === ino) return { takenBy: other.at };
  }
  return { at: entry.mountPoint, directory, fileSystem };
}

function leftOut({ source, mountPoint }: FstabEntry, reason: string): string {
  return `"${source}", which etc/fstab mounts on ${mountPoint}, ${reason}: left out`;
}

function isEspMountPoint(path: string): boolean {
  return [espMountPoint, '/efi', '/boot'].includes(path);
}

/** As systemd mounts them in a system without an fstab. */
async function treesByType(
  fileSystems: readonly FileSystemName[],
  known: readonly MountedTree[],
  mounts: ReadOnlyMounts,
): Promise<MountedTree[]> {
  const found: MountedTree[] = [];
  for (const fileSystem of fileSystems) {
    const at = mountPointOfType(fileSystem.partition);
    if (at === undefined || at === 'esp' || !isMountable(fileSystem.type)) continue;
    if ([...known, ...found].some((tree) => tree.at === at || tree.fileSystem === fileSystem)) continue;
    found.push({ at, directory: await mounts.mount(fileSystem), fileSystem });
  }
  return found;
}

/** A file system that nobody names and that has a kernel, where the system has none. */
async function bootByContent(
  fileSystems: readonly FileSystemName[],
  known: readonly MountedTree[],
  mounts: ReadOnlyMounts,
): Promise<MountedTree[]> {
  const hasKernel = (names: readonly string[]): boolean => names.some((name) => name.startsWith('vmlinuz'));
  if (hasKernel(await new SystemTree(known).names('/boot'))) return [];
  for (const fileSystem of fileSystems) {
    if (!isMountable(fileSystem.type) || known.some((tree) => tree.fileSystem === fileSystem)) continue;
    const directory = await mounts.mount(fileSystem);
    if (hasKernel(await readdir(directory))) return [{ at: '/boot', directory, fileSystem }];
  }
  return [];
}

function espCandidates(fileSystems: readonly FileSystemName[]): { fileSystem: FileSystemName; at: string }[] {
  const esps = fileSystems.filter(({ type, partition }) => type === 'vfat' && mountPointOfType(partition) === 'esp');
  return esps.map((fileSystem) => ({ fileSystem, at: espMountPoint }));
}

/** Copies the files of a FAT file system. */
async function copyFat(raw: string, fileSystem: FileSystemName, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const image = `${raw}@@${fileSystem.partition.offset}`;
  // Images have geometries that mtools doubts.
  await run('mcopy', ['-s', '-n', '-Q', '-m', '-i', image, '::/', `${directory}/`], {
    timeoutMs,
    env: { MTOOLS_SKIP_CHECK: '1', LC_ALL: 'C.UTF-8' },
  });
}

/** For image.json. */
export function describeTrees(trees: readonly MountedTree[], fileSystems: readonly FileSystemName[]): string[] {
  return fileSystems.map((fileSystem) => {
    const at = trees
      .filter((tree) => tree.fileSystem === fileSystem)
      .map((tree) => tree.at)
      .sort();
    const what = `${partitionName(fileSystem.partition)}: ${fileSystem.type === '' ? 'nothing known' : fileSystem.type}`;
    return at.length === 0 ? what : `${what} on ${at.join(', ')}`;
  });
}
