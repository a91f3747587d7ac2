import { readFileSync, statSync } from 'node:fs';

import type { PublishedImage, PublishedImages } from '../../contract/published-images.ts';
import { noImages, parsePublishedImages } from '../../contract/published-images.ts';
import { HostError } from '../../kit/errors.ts';
import { describeFault } from '../../kit/fault.ts';
import type { InspectedImage } from '../image-choice.ts';

/** What image-inspector has published, read again whenever the file has changed. */
export interface PublishedImagesReader {
  all(): readonly PublishedImage[];
  /** What was found in `<distro>/<arch>`; undefined while nothing is known for certain. */
  find(image: string): InspectedImage | undefined;
}

/** Each question costs one synchronous stat: the file lies in the container's own /run, never on a share.
 * @param refused takes the error when the file cannot be read; what was read before then stays */
export function createPublishedImagesReader(file: string, refused: (error: unknown) => void): PublishedImagesReader {
  let stamp: string | undefined;
  let images: readonly PublishedImage[] = [];
  let byName: ReadonlyMap<string, InspectedImage> = new Map();

  function refresh(): void {
    const before = stamp;
    const stats = statSync(file, { throwIfNoEntry: false });
    stamp = stats === undefined ? undefined : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
    if (stamp === before) return;
    try {
      images = stamp === undefined ? noImages.images : readImages(file).images;
      byName = new Map(images.flatMap(inspectedOf));
    } catch (error) {
      refused(error);
    }
  }

  return {
    all() {
      refresh();
      return images;
    },
    find(image) {
      refresh();
      return byName.get(image);
    },
  };
}

function readImages(file: string): PublishedImages {
  const read = parsePublishedImages(readFileSync(file, 'utf8'));
  if (!read.ok) throw new HostError(read.faults.map(describeFault).join(' '));
  return read.value;
}

function inspectedOf({
  image,
  state,
  faults,
  warnings,
  kernelsWithoutModules,
  misnamedKernels,
  facts,
}: PublishedImage): [string, InspectedImage][] {
  if (state !== 'inspected') return [];
  const family = facts?.family === undefined ? {} : { family: facts.family };
  const misnamed = misnamedKernels === undefined ? {} : { misnamedKernels };
  return [[image, { faults, warnings, kernelsWithoutModules, ...misnamed, ...family }]];
}
