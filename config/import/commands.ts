import type { Command } from 'commander';
import { Option } from 'commander';

import type { Arch } from '../contract/architecture.ts';
import { architectureNames } from '../contract/architecture.ts';
import type { PublishedImage } from '../contract/published-images.ts';
import { importImage } from './import-image.ts';
import { describeImages, listImages } from './list-images.ts';
import { createPublishedImagesReader } from '../definitions/read/published-images-file.ts';
import { describeError } from '../kit/errors.ts';
import { createProgress } from './progress.ts';

/** Where a program keeps its images, and what it needs to import one. */
export interface ImageSettings {
  images: string;
  moduleList: string;
  /** What image-inspector has published, where it runs. */
  published?: string;
}

interface ImportFlags {
  name?: string;
  arch?: Arch;
  ref?: string;
  force?: boolean;
  images?: string;
}

interface ListFlags {
  json?: boolean;
  inspect: boolean;
  images?: string;
}

const importHelp = `
Takes a disk image (qcow2; raw with or without partitions) or an archive of a root file system (tar, also packed with gzip,
zstd, xz or bzip2), or a directory with a container image (OCI) of a whole machine, with kernel and init program. The content
decides what it is, not the name. It is only read.

The root is the file system that has etc/os-release: ext4, xfs, or a subvolume of btrfs. What its etc/fstab mounts from the
same image comes along: /boot, /var, /home. The ESP's files come to boot/efi. Encrypted disks and LVM are not read.

Makes images/<name>/<arch>: rootfs.tar.zst with owners, xattrs, ACLs and SELinux labels, kernel, initrd, modules.cpio.gz,
SHA256SUMS and image.json. It is there when all is finished; Ctrl-C leaves nothing behind. Needs root and loop devices for a
disk image.`;

const listHelp = `
INSTALLS says what the image's content means for an installation: "installs", "installs, with N warnings", "cannot be installed"
with the first reason, or "not inspected yet". What image-inspector has published is taken where it is of the files that are
there now; other images are read now, each from end to end, which takes seconds.`;

/** Adds the commands `import` and `list`.
 * @param settings asked when a command runs */
export function addImageCommands(parent: Command, settings: () => ImageSettings): void {
  parent
    .command('import <file>')
    .description('make an image directory of a disk image, an archive of a root file system, or a container image')
    .option('--name <name>', 'of the image directory; default: by its os-release, such as ubuntu-24.04')
    .addOption(new Option('--arch <arch>', 'of a container image that has several').choices(architectureNames))
    .option('--ref <name>', 'of several container images in one directory')
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
    .description('show the image directories, and whether each installs')
    .option('--json', 'as JSON, with every reason and warning')
    .option('--no-inspect', 'do not look into images that nobody has inspected')
    .option('--images <directory>', 'where the image directories are')
    .addHelpText('after', listHelp)
    .action(async (flags: ListFlags) => {
      const { published, ...defaults } = settings();
      const images = await listImages(flags.images ?? defaults.images, {
        published: published === undefined ? [] : publishedImages(published),
        inspects: flags.inspect,
        say: (line) => process.stderr.write(`${line}\n`),
      });
      if (flags.json === true) console.log(JSON.stringify(images, undefined, 2));
      else console.log(describeImages(images).join('\n'));
    });
}

/** None while there is nothing that can be read: the images are looked into then. */
function publishedImages(file: string): readonly PublishedImage[] {
  return createPublishedImagesReader(file, (error) => {
    process.stderr.write(`read "${file}": ${describeError(error)}; looking into the images instead\n`);
  }).all();
}

/** Aborted by what asks a program to end. */
function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
  return interrupt.signal;
}
