import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { openRegular } from '../../host/files.ts';
import { describeError, InputError } from '../../kit/errors.ts';
import type { FoundImage, WantedImage } from './decide/choose-image.ts';
import { chooseImage } from './decide/choose-image.ts';
import type { Descriptor, Manifest } from './decide/documents.ts';
import {
  isIndex,
  isManifest,
  parseConfigPlatform,
  parseIndex,
  parseLayoutVersion,
  parseManifest,
} from './decide/documents.ts';

/** An image of a layout that was chosen. */
export interface LayoutImage extends Manifest {
  directory: string;
  manifest: Descriptor;
}

/** Registries allow 4 MiB for a manifest. OCI Distribution Specification, "Pushing Manifests". */
const longestDocument = 4 * 2 ** 20;
/** Of indexes in indexes. */
const deepest = 4;

/** Reads which images a layout has, and chooses one. Each document's size and digest are checked.
 * @throws InputError a document is missing, damaged or of a kind that is not known; no image is the one that is meant */
export async function openLayout(directory: string, wanted: WantedImage): Promise<LayoutImage> {
  try {
    parseLayoutVersion(await readText(join(directory, 'oci-layout')));
    const descriptors = parseIndex('"index.json"', await readText(join(directory, 'index.json')));
    const { manifest } = chooseImage(await imagesOf(directory, descriptors), wanted);
    const text = await readDocument(directory, manifest);
    return { directory, manifest, ...parseManifest(nameOf(manifest), text) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`read the container image "${directory}": ${describeError(error)}`);
  }
}

/** @returns such as `blobs/sha256/0123…` */
export function nameOf({ algorithm, hex }: Pick<Descriptor, 'algorithm' | 'hex'>): string {
  return `blobs/${algorithm}/${hex}`;
}

/** Reads a blob. Its size and digest are checked at its end.
 * @throws InputError it is missing, or has other content than its name says */
export async function* readBlob(directory: string, blob: Descriptor, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const hash = createHash(blob.algorithm);
  let bytes = 0;
  await using file = await openFile(join(directory, nameOf(blob)));
  const stream = file.createReadStream({
    highWaterMark: 2 ** 20,
    autoClose: false,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes > blob.bytes) break;
    yield chunk;
  }
  if (bytes !== blob.bytes || hash.digest('hex') !== blob.hex)
    throw new InputError(
      `${nameOf(blob)} has other content than its name says (${blob.bytes} bytes); get the image again`,
    );
}

async function imagesOf(directory: string, descriptors: readonly Descriptor[], depth = 0): Promise<FoundImage[]> {
  if (depth > deepest) throw new InputError(`its indexes are in each other more than ${deepest} times`);
  const found: FoundImage[] = [];
  for (const descriptor of descriptors) {
    if (descriptor.isAttached) continue;
    if (isIndex(descriptor)) {
      const inside = parseIndex(nameOf(descriptor), await readDocument(directory, descriptor));
      const images = await imagesOf(directory, inside, depth + 1);
      found.push(
        ...images.map((image) => (descriptor.names.length > 0 ? { ...image, names: descriptor.names } : image)),
      );
    } else if (isManifest(descriptor)) {
      const platform = descriptor.platform ?? (await platformOf(directory, descriptor));
      found.push({ manifest: descriptor, names: descriptor.names, platform });
    }
  }
  return found;
}

async function platformOf(directory: string, descriptor: Descriptor): Promise<string> {
  const { config } = parseManifest(nameOf(descriptor), await readDocument(directory, descriptor));
  return parseConfigPlatform(nameOf(config), await readDocument(directory, config));
}

async function readDocument(directory: string, descriptor: Descriptor): Promise<string> {
  if (descriptor.bytes > longestDocument)
    throw new InputError(`${nameOf(descriptor)} has ${descriptor.bytes} bytes, too many for a document`);
  const chunks: Buffer[] = [];
  for await (const chunk of readBlob(directory, descriptor)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function readText(path: string): Promise<string> {
  await using file = await openFile(path);
  const { size } = await file.stat();
  if (size > longestDocument) throw new InputError(`"${path}" has ${size} bytes, too many for a document`);
  return await file.readFile('utf8');
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await openRegular(path);
  } catch (cause) {
    throw new InputError(`open "${path}"`, { cause });
  }
}
