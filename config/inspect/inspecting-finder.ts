import type { FindInspected } from '../definitions/read/image-files.ts';
import { inspectLook } from './inspect-image.ts';
import { lookAtImage } from './look-at-images.ts';

/** Reads an image when it is asked about for the first time. One that cannot be read is not judged, as everywhere. */
export function createInspectingFinder(imagesDir: string): FindInspected {
  const found = new Map<string, ReturnType<FindInspected>>();
  return (image) => {
    if (!found.has(image)) found.set(image, inspectNow(imagesDir, image));
    return found.get(image);
  };
}

async function inspectNow(imagesDir: string, image: string): Promise<Awaited<ReturnType<FindInspected>>> {
  const look = await lookAtImage(imagesDir, image);
  if (look?.rootfs === undefined) return undefined;
  const inspection = await inspectLook(imagesDir, look).catch(() => undefined);
  if (inspection === undefined) return undefined;
  const { facts, ...verdict } = inspection;
  return { ...verdict, ...(facts?.family === undefined ? {} : { family: facts.family }) };
}
