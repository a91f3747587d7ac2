import type { TestContext } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import type { TestDevice } from '@pxeboot/config/test/integration/import/support/disk-image';
import { makeDisk, partitionTypes } from '@pxeboot/config/test/integration/import/support/disk-image';

import { boards } from '../../../src/decide/qemu-arguments.ts';

const fillTimeoutMs = 300_000;
/** An emulated machine needs three minutes to switch itself off. */
const bootTimeoutMs = 1_800_000;
/** The root file system's partition; cloud-init grows it, as it does on an installed disk. */
const [startMiB, sizeMiB, diskMiB] = [1, 3000, 4000];
const rootDevice = '/dev/vda1';

/** $1: the top of a file system, $2: a root file system with SELinux, which is labelled and told to switch itself off when it has
 * started; its journal stays. */
const fillScript = `set -e
tar -C "$1" --numeric-owner --xattrs --xattrs-include='*' -xzf "$2"
echo '${rootDevice} / ext4 defaults 0 1' > "$1/etc/fstab"
seed="$1/var/lib/cloud/seed/nocloud"
mkdir -p "$seed" "$1/var/log/journal"
printf 'instance-id: bare\\nlocal-hostname: bare\\n' > "$seed/meta-data"
printf '#cloud-config\\nruncmd: [[systemctl, poweroff]]\\n' > "$seed/user-data"
echo 'datasource_list: [ NoCloud, None ]' > "$1/etc/cloud/cloud.cfg.d/99-bare.cfg"
mount -t proc proc "$1/proc"
trap 'umount "$1/proc"' EXIT
chroot "$1" setfiles -m -F -e /proc -e /sys -e /dev -e /run /etc/selinux/default/contexts/files/file_contexts /`;

/** $1: a disk, $2: a directory to mount its partition at. */
const journalScript = `set -e
mkdir -p "$2"
mount -o loop,ro,noload,offset=${startMiB * 2 ** 20},sizelimit=${(diskMiB - startMiB) * 2 ** 20} "$1" "$2"
trap 'umount "$2"' EXIT
journalctl --directory="$2/var/log/journal" --output=cat`;

/** Starts a root file system without boot loader and installer, with SELinux in enforcing mode and no way out of the machine.
 * @param image the directory with its archive, kernel and initramfs
 * @returns its journal */
export async function journalOfBareRoot(
  context: Pick<TestContext, 'after'>,
  image: { rootfs: string; kernel: string; initramfs: string },
): Promise<string> {
  async function fill({ format, mounted }: TestDevice): Promise<void> {
    await format('mkfs.ext4', '-q');
    await mounted(async (top) => {
      await run('sh', ['-c', fillScript, 'fill', top, image.rootfs], { timeoutMs: fillTimeoutMs });
    });
  }
  const partitions = [{ number: 1, startMiB, sizeMiB, type: partitionTypes.linux, fill }];
  const disk = await makeDisk(context, { sizeMiB: diskMiB, partitions });
  await run(boards.x86_64.program, machineArguments(disk, image), { timeoutMs: bootTimeoutMs });
  const read = ['-c', journalScript, 'read', disk, `${disk}.journal`];
  return (await run('sh', read, { timeoutMs: fillTimeoutMs })).stdout;
}

function machineArguments(disk: string, { kernel, initramfs }: { kernel: string; initramfs: string }): string[] {
  return [
    ...['-nodefaults', '-M', boards.x86_64.machine, '-cpu', boards.x86_64.cpu, '-smp', '2', '-m', '2048'],
    ...['-display', 'none', '-no-reboot', '-kernel', kernel, '-initrd', initramfs],
    ...['-append', `root=${rootDevice} ro panic=-1 security=selinux enforcing=1`],
    ...['-drive', `file=${disk},format=raw,if=none,id=disk0`, '-device', 'virtio-blk-pci,drive=disk0'],
    ...['-netdev', 'user,id=net0,restrict=on', '-device', 'virtio-net-pci,netdev=net0,romfile='],
  ];
}
