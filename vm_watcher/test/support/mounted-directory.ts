import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '@pxeboot/config/host/run';

const timeoutMs = 10_000;

/** Where vm_watcher looks, and where the person on the host saves: on a share these differ. */
export interface MountedDirectory extends AsyncDisposable {
  watched: string;
  written: string;
}

/** frozen: FUSE whose sizes and times stay for an hour what they were when first asked for, as on a share that caches them. */
export type FileSystem = 'local' | 'tmpfs' | 'fuse' | 'overlay' | 'frozen';

/** What a test needs to mount it: programs and files. */
export function programsFor(fileSystem: FileSystem): string[] {
  return fileSystem === 'fuse' || fileSystem === 'frozen' ? ['bindfs', '/dev/fuse'] : [];
}

/** Makes a directory of definitions below `base`. On `fuse`, `frozen` and `overlay` what is written reaches the watched directory
 * without any event, as on a share whose other side changes it. */
export async function mountDirectory(fileSystem: FileSystem, base: string): Promise<MountedDirectory> {
  const [watched, written] = [join(base, 'vms'), join(base, 'host-side')];
  await mkdir(watched);
  if (fileSystem === 'local') return { watched, written: watched, [Symbol.asyncDispose]: async () => {} };
  await mkdir(written);
  await mountOn(fileSystem, watched, written, base);
  return {
    watched,
    written: fileSystem === 'tmpfs' ? watched : written,
    async [Symbol.asyncDispose]() {
      await run('umount', ['--lazy', watched], { timeoutMs });
    },
  };
}

/** Mounts over a directory; also again, after it was unmounted. */
export async function mountOn(fileSystem: FileSystem, watched: string, written: string, base: string): Promise<void> {
  switch (fileSystem) {
    case 'local':
      return;
    case 'tmpfs':
      await run('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'vms', watched], { timeoutMs });
      return;
    case 'fuse':
      await run('bindfs', ['-o', 'attr_timeout=1,entry_timeout=1', written, watched], { timeoutMs });
      return;
    case 'frozen':
      // Read-only, so that reading does not make the kernel ask for the time of access, and with it for all attributes.
      await run('bindfs', ['-o', 'ro,attr_timeout=3600,entry_timeout=3600', written, watched], { timeoutMs });
      return;
    case 'overlay': {
      const empty = join(base, 'empty');
      await mkdir(empty, { recursive: true });
      await run('mount', ['-t', 'overlay', '-o', `lowerdir=${written}:${empty}`, 'vms', watched], { timeoutMs });
    }
  }
}
