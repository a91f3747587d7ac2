import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import type { TestDevice } from '@pxeboot/config/test/integration/import/support/disk-image';
import { fillEsp, makeDisk, partitionTypes } from '@pxeboot/config/test/integration/import/support/disk-image';

const timeoutMs = 300_000;
const { esp, linux } = partitionTypes;
/** A program that has a capability. */
export const capable = '/usr/local/bin/capable';

/** A qcow2 image as distributions publish them, with Debian's system on it: an ESP and a btrfs with the subvolumes root, home, var
 * and boot.
 * @param rootfs its archive */
export async function makeDebianDisk(context: Pick<TestContext, 'after'>, rootfs: string): Promise<string> {
  async function fill({ format, mounted }: TestDevice): Promise<void> {
    await format('mkfs.btrfs', '-q', '-L', 'fedora');
    await mounted(async (top) => {
      for (const name of ['root', 'home', 'var', 'boot']) {
        await run('btrfs', ['subvolume', 'create', join(top, name)], { timeoutMs });
      }
      const root = join(top, 'root');
      for (const name of ['home', 'var', 'boot']) {
        await mkdir(join(root, name));
        await run('mount', ['--bind', join(top, name), join(root, name)], { timeoutMs });
      }
      try {
        await fillRoot(root, rootfs);
      } finally {
        for (const name of ['home', 'var', 'boot']) await run('umount', [join(root, name)], { timeoutMs });
      }
    }, 'compress=zstd:1');
  }
  const raw = await makeDisk(context, {
    sizeMiB: 2100,
    partitions: [
      { number: 2, startMiB: 1, sizeMiB: 60, type: esp, fill: (device) => fillEsp(device) },
      { number: 4, startMiB: 64, sizeMiB: 2000, type: linux, fill },
    ],
  });
  const file = `${raw}.qcow2`;
  await run('qemu-img', ['convert', '-O', 'qcow2', raw, file], { timeoutMs });
  return file;
}

async function fillRoot(root: string, rootfs: string): Promise<void> {
  const fstab = ['root /', 'home /home', 'var /var', 'boot /boot'].map((pair) => {
    const [subvolume, at] = pair.split(' ');
    return `LABEL=fedora ${at} btrfs compress=zstd:1,subvol=${subvolume} 0 0\n`;
  });
  const script = `set -e
tar -C "$1" --numeric-owner --xattrs --xattrs-include='*' --acls -xzf "$2"
cat > "$1/etc/fstab"
cp "$1/usr/bin/true" "$1${capable}"
setcap cap_net_raw+ep "$1${capable}"
touch "$1/var/from-the-image" "$1/home/from-the-image"`;
  await run('sh', ['-c', script, 'fill', root, rootfs], { timeoutMs, input: fstab.join('') });
}
