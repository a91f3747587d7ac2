import type { PublishedImage } from '../../contract/published-images.ts';
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

/** What image-inspector publishes of an image that installs. */
export const samplePublishedImage: PublishedImage = {
  image: 'debian-12/x86_64',
  state: 'inspected',
  fingerprint: '',
  attempts: 0,
  faults: [],
  warnings: [],
  kernelsWithoutModules: [],
  since: '2026-01-02T03:04:05.678Z',
};
