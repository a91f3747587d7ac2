import type { Command } from 'commander';

import { importImage } from './import-image.ts';
import { describeImages, listImages } from './list-images.ts';
import { createProgress } from './progress.ts';

/** Where a program keeps its images, and what it needs to import one. */
export interface ImageSettings {
  images: string;
  moduleList: string;
}

interface ImportFlags {
  name?: string;
  force?: boolean;
  images?: string;
}

const importHelp = `
Takes a disk image (qcow2; raw with or without partitions) or an archive of a root file system (tar, also packed with gzip,
zstd, xz or bzip2). The file's content decides what it is, not its name. It is only read.

The root is the file system that has etc/os-release: ext4, xfs, or a subvolume of btrfs. What its etc/fstab mounts from the
same image comes along: /boot, /var, /home. The ESP's files come to boot/efi. Encrypted disks and LVM are not read.

Makes images/<name>/<arch>: rootfs.tar.zst with owners, xattrs, ACLs and SELinux labels, kernel, initrd, modules.cpio.gz,
SHA256SUMS and image.json. It is there when all is finished; Ctrl-C leaves nothing behind. Needs root and loop devices for a
disk image.`;

/** Adds the commands `import` and `list`.
 * @param settings asked when a command runs */
export function addImageCommands(parent: Command, settings: () => ImageSettings): void {
  parent
    .command('import <file>')
    .description('make an image directory of a disk image or an archive of a root file system')
    .option('--name <name>', 'of the image directory; default: by its os-release, such as ubuntu-24.04')
    .option('--force', 'replace an image directory that is there')
    .option('--images <directory>', 'where the image directories are')
    .addHelpText('after', importHelp)
    .action(async (file: string, flags: ImportFlags) => {
      const { images, moduleList } = settings();
      const directory = await importImage(file, {
        ...flags,
        images: flags.images ?? images,
        moduleList,
        progress: createProgress(process.stderr),
        signal: interruptSignal(),
      });
      console.log(directory);
    });
  parent
    .command('list')
    .description('show the image directories')
    .option('--json', 'as JSON')
    .option('--images <directory>', 'where the image directories are')
    .action(async (flags: { json?: boolean; images?: string }) => {
      const images = await listImages(flags.images ?? settings().images);
      if (flags.json === true) console.log(JSON.stringify(images, undefined, 2));
      else console.log(describeImages(images).join('\n'));
    });
}

/** Aborted by what asks a program to end. */
function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
  return interrupt.signal;
}
