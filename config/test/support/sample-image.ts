import type { ImageFiles } from '../../definitions/image-choice.ts';

/** The files of an image directory as pvmlab makes it. */
export const completeImage = [
  'vmlinuz-6.1.0-56-cloud-amd64',
  'initrd.img-6.1.0-56-cloud-amd64',
  'rootfs.tar.gz',
  'modules.cpio.gz',
];

/** An image directory with these files. */
export function sampleImage(names: readonly string[] = completeImage): ImageFiles {
  return { directory: 'images/debian-12/x86_64', exists: true, names };
}
