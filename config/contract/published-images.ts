import { describeError } from '../kit/errors.ts';
import type { Fault, Result } from '../kit/fault.ts';
import { parseJsonObject } from '../kit/json.ts';
import type { ImageFacts } from './image-facts.ts';

/** What image-inspector publishes and everyone else reads. */
export interface PublishedImages {
  version: 1;
  /** Sorted by image. */
  images: readonly PublishedImage[];
}

/** What is wrong and what to do, of no document. */
export type Advice = Pick<Fault, 'problem' | 'fix'>;

/** What is worth knowing about an image. warning: the VM will not do what its author wants. note: nothing needs to be done. */
export interface Remark extends Advice {
  level: 'warning' | 'note';
}

/** What an image's content means for an installation. */
export interface ImageVerdict {
  /** What certainly makes it fail. */
  faults: Advice[];
  /** What is worth knowing. */
  warnings: Remark[];
  /** Kernels of the image directory for which the installer has no modules: an installation that boots one of them fails. */
  kernelsWithoutModules: string[];
  /** Those of them for which there are modules of the release that the kernel itself tells, where its file name says another one. */
  misnamedKernels?: Record<string, string>;
}

/** One image directory. */
export interface PublishedImage extends ImageVerdict {
  /** `<distro>/<arch>`. */
  image: string;
  /** waiting: its turn has not come, or its files are still changing. inspected: faults, warnings and facts are of these very files.
   * failed: it could not be looked at, which says nothing about it. */
  state: 'waiting' | 'inspected' | 'failed';
  /** Why it waits or has failed. */
  reason?: string;
  /** Of the files that were looked at: names, sizes, times, inodes. */
  fingerprint: string;
  /** How often an inspection of these files has begun without an end: the process died, or runs it now. */
  attempts: number;
  /** How often in a row one has failed, such as for want of permission. */
  failures?: number;
  /** Absent where its tarball cannot be read. */
  facts?: ImageFacts;
  /** When this state was reached, ISO 8601. */
  since: string;
}

/** Before anything is known. */
export const noImages: PublishedImages = { version: 1, images: [] };

/** Reads what `formatPublishedImages` wrote. Only image-inspector writes this document, so its entries are not validated again. */
export function parsePublishedImages(text: string): Result<PublishedImages> {
  const json = parseJsonObject('inspected images', text);
  if (!json.ok) return json;
  const { version, images } = json.value;
  if (version === 1 && Array.isArray(images))
    return { ok: true, value: { version, images: images as PublishedImage[] } };
  const problem = `has version ${describeError(version)}, not 1`;
  const fault = { file: 'inspected images', path: '/version', value: '', problem, fix: 'restart image-inspector' };
  return { ok: false, faults: [fault] };
}

/** One image a line. */
export function formatPublishedImages({ images }: Pick<PublishedImages, 'images'>): string {
  return `{"version":1,"images":[\n${images.map((image) => JSON.stringify(image)).join(',\n')}\n]}\n`;
}
