import type { Arch } from '../../../contract/architecture.ts';
import { InputError } from '../../../kit/errors.ts';
import { quoteIfOdd, showValue } from '../../../kit/text.ts';
import type { Descriptor } from './documents.ts';
import { platforms } from './documents.ts';

/** An image of a layout. */
export interface FoundImage {
  manifest: Descriptor;
  /** As its place in index.json is called; empty: it has no name. */
  names: readonly string[];
  /** Such as `linux/amd64`. */
  platform: string;
}

export interface WantedImage {
  /** One of the names. */
  ref: string | undefined;
  arch: Arch | undefined;
  /** This machine's, which decides when nobody has said. */
  machine: Arch;
}

/** The image that is meant, of those in a layout.
 * @throws InputError there is none, or more than one; the message says which there are */
export function chooseImage(images: readonly FoundImage[], wanted: WantedImage): FoundImage {
  const named = imagesOfName(images, wanted.ref);
  const usable = imagesForMachine(named, wanted);
  const [image, second] = usable;
  if (image === undefined) {
    const advice = wanted.arch === undefined ? '; choose one with --arch' : `, and none for ${wanted.arch} (--arch)`;
    throw new InputError(`it has images for ${platformsOf(named)}${advice}`);
  }
  if (second === undefined) return image;
  throw new InputError(`it has ${usable.length} images for ${image.platform} with one name; import a layout with one`);
}

/** All images of one name: one for each platform. */
function imagesOfName(images: readonly FoundImage[], ref: string | undefined): FoundImage[] {
  const named = images.filter(({ names }) => ref === undefined || names.includes(ref));
  if (named.length === 0) {
    const there = images.length === 0 ? 'no image' : namesOf(images);
    throw new InputError(`it has ${there}${ref === undefined ? '' : `, and none called ${showValue(ref)} (--ref)`}`);
  }
  const keys = new Set(named.map(({ names }) => names.toSorted().join('\n')));
  if (ref !== undefined || keys.size === 1 || distinct(named).length === 1) return distinct(named);
  throw new InputError(`it has ${namesOf(named)}; choose one with --ref`);
}

/** Those for the architecture that was asked for; else for this machine's; else the only one that there is. */
function imagesForMachine(images: readonly FoundImage[], { arch, machine }: WantedImage): FoundImage[] {
  const usable = images.filter(({ platform }) => platform === platforms[arch ?? machine]);
  return arch === undefined && images.length === 1 ? [...images] : usable;
}

function distinct(images: readonly FoundImage[]): FoundImage[] {
  return images.filter(({ manifest }, index) => images.findIndex((one) => one.manifest.hex === manifest.hex) === index);
}

function namesOf(images: readonly FoundImage[]): string {
  const names = [...new Set(images.map(({ names: own }) => own.map(quoteIfOdd).join(' or ') || 'one without a name'))];
  return `the images ${names.join(', ')}`;
}

function platformsOf(images: readonly FoundImage[]): string {
  return [...new Set(images.map(({ platform }) => quoteIfOdd(platform)))].join(', ');
}
