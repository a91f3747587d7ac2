import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../host/run.ts';
import { HostError } from '../kit/errors.ts';
import type { Cleanup } from './cleanup.ts';
import type { FileSystemName } from './decide/fstab.ts';
import { partitionName } from './decide/partition-list.ts';

const timeoutMs = 120_000;
/** Options that each file system needs, and those that leave a dirty journal as it is.
 * @see Linux, Documentation/filesystems/ext4, Documentation/admin-guide/xfs.rst, btrfs(5) */
const mountOptions: Readonly<Record<string, { always: string[]; withoutJournal: string[] }>> = {
  ext2: { always: [], withoutJournal: ['noload'] },
  ext3: { always: [], withoutJournal: ['noload'] },
  ext4: { always: [], withoutJournal: ['noload'] },
  xfs: { always: ['nouuid'], withoutJournal: ['norecovery'] },
  btrfs: { always: [], withoutJournal: ['rescue=nologreplay'] },
};

/** File systems that can be looked into. */
export function isMountable(type: string): boolean {
  return type in mountOptions;
}

/** Mounts file systems of one raw image, each on a directory of its own below `folder`. */
export class ReadOnlyMounts {
  readonly #raw: string;
  readonly #folder: string;
  readonly #cleanup: Cleanup;
  readonly #say: (line: string) => void;
  #count = 0;
  #dirty = new Set<number>();

  constructor(raw: string, folder: string, { cleanup, say }: { cleanup: Cleanup; say: (line: string) => void }) {
    this.#raw = raw;
    this.#folder = folder;
    this.#cleanup = cleanup;
    this.#say = say;
  }

  /** Read-only, on a read-only loop device that goes away with the mount; nothing is written, and no journal is replayed. A dirty
   * journal is told.
   * @param subvolume of btrfs, as options of mount
   * @returns the directory
   * @throws HostError it cannot be mounted, as where the kernel does not know the file system */
  async mount(fileSystem: FileSystemName, subvolume: readonly string[] = []): Promise<string> {
    const directory = join(this.#folder, String(++this.#count));
    await mkdir(directory, { recursive: true });
    const { always = [], withoutJournal = [] } = mountOptions[fileSystem.type] ?? {};
    const options = [...always, ...(fileSystem.type === 'btrfs' ? subvolume : [])];
    await makeLoopNodes();
    try {
      await this.#mountWith(fileSystem, directory, options);
    } catch (cause) {
      await this.#mountWith(fileSystem, directory, [...options, ...withoutJournal]).catch(() => {
        throw new HostError(
          `mount ${partitionName(fileSystem.partition)} of the image; this needs root, loop devices (a container: --privileged) and a kernel that knows ${fileSystem.type}`,
          { cause },
        );
      });
      this.#tellDirty(fileSystem);
    }
    return directory;
  }

  async #mountWith(fileSystem: FileSystemName, directory: string, options: readonly string[]): Promise<void> {
    const { offset, bytes } = fileSystem.partition;
    const all = ['ro', 'nosuid', 'nodev', 'noexec', 'loop', `offset=${offset}`, `sizelimit=${bytes}`, ...options];
    // Not ended by an interrupt: a mount that was made must be known, to be taken back.
    await run('mount', ['-t', fileSystem.type, '-o', all.join(','), this.#raw, directory], { timeoutMs });
    this.#cleanup.defer(() => unmount(directory));
  }

  #tellDirty({ partition, type }: FileSystemName): void {
    if (this.#dirty.has(partition.number)) return;
    this.#dirty.add(partition.number);
    this.#say(
      `${partitionName(partition)} (${type}): its journal is dirty, the system was not shut down; it is read as it is, and the last changes may be missing`,
    );
  }
}

async function unmount(directory: string): Promise<void> {
  await run('umount', [directory], { timeoutMs });
}

/** In a container, /dev has the loop devices that were there when it started; the kernel may offer a later one.
 * @see Linux, Documentation/admin-guide/devices.txt: block major 7 */
async function makeLoopNodes(): Promise<void> {
  // Makes the kernel add a device when all are in use; its own result is not needed.
  await run('losetup', ['--find'], { timeoutMs }).catch(() => undefined);
  for (const name of await readdir('/sys/block').catch(() => [])) {
    const [, number] = /^loop(\d+)$/.exec(name) ?? [];
    if (number === undefined || existsSync(`/dev/${name}`)) continue;
    await run('mknod', ['-m', '660', `/dev/${name}`, 'b', '7', number], { timeoutMs });
  }
}
