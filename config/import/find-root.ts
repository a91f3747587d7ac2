import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { InputError } from '../kit/errors.ts';
import type { FileSystemName } from './decide/fstab.ts';
import { parseFstab, subvolumePath } from './decide/fstab.ts';
import { partitionName } from './decide/partition-list.ts';
import type { ReadOnlyMounts } from './mount-read-only.ts';
import { isMountable } from './mount-read-only.ts';
import { SystemTree } from './system-tree.ts';

/** The file system that has the system's root. */
export interface FoundRoot {
  fileSystem: FileSystemName;
  /** Path of the btrfs subvolume; undefined for one that has none, and where the top level is the root. */
  subvolume: string | undefined;
  directory: string;
}

/** The number of each subvolume's first directory: Linux, include/uapi/linux/btrfs_tree.h, BTRFS_FIRST_FREE_OBJECTID. */
const subvolumeInode = 256;
/** What holds file systems that are not looked into, by blkid's names. */
const wrapped: Readonly<Record<string, string>> = {
  crypto_LUKS: 'encrypted (LUKS)',
  BitLocker: 'encrypted (BitLocker)',
  LVM2_member: 'a volume of LVM',
  linux_raid_member: 'a part of a RAID',
  zfs_member: 'a part of a ZFS pool',
};

/** The root is where os-release is, whatever the partition's number, type or name.
 * @throws InputError there is none, or more than one; HostError a file system cannot be mounted */
export async function findRoot(fileSystems: readonly FileSystemName[], mounts: ReadOnlyMounts): Promise<FoundRoot> {
  const roots: FoundRoot[] = [];
  for (const fileSystem of fileSystems) {
    if (!isMountable(fileSystem.type)) continue;
    const top = await mounts.mount(fileSystem, ['subvolid=5']);
    if (fileSystem.type === 'btrfs') roots.push(...(await subvolumeRoots(fileSystem, top)));
    else if (await isRoot(top)) roots.push({ fileSystem, subvolume: undefined, directory: top });
  }
  const [root, second] = roots;
  if (root === undefined) throw noRoot(fileSystems);
  if (second === undefined) return root;
  throw new InputError(
    `look for the root file system: the image has ${roots.length} (${roots.map(describeRoot).join('; ')}), each with its own os-release; import an image with one system`,
  );
}

/** More than one is usual: snapshots. The system's own root is the one that its own fstab names as `/`. */
async function subvolumeRoots(fileSystem: FileSystemName, top: string): Promise<FoundRoot[]> {
  const found: FoundRoot[] = [];
  for (const subvolume of await subvolumes(top)) {
    const directory = join(top, subvolume);
    if (await isRoot(directory))
      found.push({ fileSystem, subvolume: subvolume === '' ? undefined : subvolume, directory });
  }
  if (found.length < 2) return found;
  const own = [];
  for (const root of found) {
    const entries = parseFstab(
      (await new SystemTree([{ at: '/', directory: root.directory }]).read('/etc/fstab')) ?? '',
    );
    const entry = entries.find(({ mountPoint }) => mountPoint === '/');
    if (entry !== undefined && subvolumePath(entry) === root.subvolume) own.push(root);
  }
  return own.length === 1 ? own : found;
}

/** The top level, and the subvolumes down to the depth at which snapshots of the root are kept by some. */
async function subvolumes(top: string, path = '', depth = 0): Promise<string[]> {
  const found = [path];
  if (depth === 2) return found;
  for (const entry of await readdir(join(top, path), { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (!entry.isDirectory() || (await stat(join(top, below))).ino !== subvolumeInode) continue;
    found.push(...(await subvolumes(top, below, depth + 1)));
  }
  return found;
}

async function isRoot(directory: string): Promise<boolean> {
  const tree = new SystemTree([{ at: '/', directory }]);
  const has = async (path: string): Promise<boolean> => (await tree.locate(path)) !== undefined;
  return (await has('/etc')) && ((await has('/etc/os-release')) || (await has('/usr/lib/os-release')));
}

function describeRoot({ fileSystem, subvolume }: FoundRoot): string {
  const where = partitionName(fileSystem.partition);
  return subvolume === undefined ? where : `subvolume "${subvolume}" of ${where}`;
}

function noRoot(fileSystems: readonly FileSystemName[]): InputError {
  const what = 'look for the root file system';
  const hidden = fileSystems.flatMap(({ partition, type }) =>
    type in wrapped ? [`${partitionName(partition)} is ${wrapped[type]}`] : [],
  );
  if (hidden.length > 0) {
    return new InputError(`${what}: ${hidden.join(', ')}, which cannot be looked into; import an image without it`);
  }
  const seen = fileSystems.map(
    ({ partition, type }) => `${partitionName(partition)} (${type === '' ? 'nothing known' : type})`,
  );
  return new InputError(
    `${what}: none of ${seen.join(', ')} has etc/os-release or usr/lib/os-release; is this the disk of an installed system?`,
  );
}
