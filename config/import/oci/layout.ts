import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { openRegular } from '../../host/files.ts';
import { describeError, InputError } from '../../kit/errors.ts';
import type { Packing } from '../../kit/packing.ts';
import { packingBytes, packingOf } from '../../kit/packing.ts';
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

/** Of all indexes together: ten times those of a large layout. */
const mostDescriptors = 1000;
/** Of all documents together: a thousand manifests and configs of 128 KiB each. */
const mostDocumentBytes = 256 * 2 ** 20;

/** Reads which images a layout has, and chooses one. Each document's size and digest are checked.
 * @throws InputError a document is missing, damaged or of a kind that is not known; no image is the one that is meant; the signal's
 * error when it was interrupted */
export async function openLayout(directory: string, wanted: WantedImage, signal?: AbortSignal): Promise<LayoutImage> {
  try {
    parseLayoutVersion(await readText(join(directory, 'oci-layout')));
    const descriptors = parseIndex('"index.json"', await readText(join(directory, 'index.json')));
    const documents = new Documents(directory, signal);
    const { manifest } = chooseImage(await imagesOf(documents, descriptors, wanted), wanted);
    const text = await documents.read(manifest);
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

/** How a layer is packed, by its first bytes. @throws InputError it is missing */
export async function layerPacking(directory: string, layer: Descriptor): Promise<Packing> {
  await using file = await openFile(join(directory, nameOf(layer)));
  const { buffer, bytesRead } = await file.read(Buffer.alloc(packingBytes), 0, packingBytes, 0);
  return packingOf(buffer.subarray(0, bytesRead)) ?? 'tar';
}

type NamedManifest = Pick<FoundImage, 'manifest' | 'names'>;

/** All images, or those of one name when there are such. A signature, an SBOM and the like have a manifest as an image has: they are left
 * out. @throws InputError nothing else is there; the message says what it is */
async function imagesOf(
  documents: Documents,
  descriptors: readonly Descriptor[],
  { ref }: WantedImage,
): Promise<FoundImage[]> {
  const all = await manifestsOf(documents, descriptors);
  const named = ref === undefined ? [] : all.filter(({ names }) => names.includes(ref));
  const images: FoundImage[] = [];
  let reason: InputError | undefined;
  for (const { manifest, names } of named.length > 0 ? named : all) {
    const platform = manifest.platform ?? (await platformOf(documents, manifest));
    if (platform instanceof InputError) reason ??= platform;
    else images.push({ manifest, names, platform });
  }
  if (images.length === 0 && reason !== undefined) throw reason;
  return images;
}

/** What the indexes name; the names of an outer index are those of all that is in it. */
async function manifestsOf(
  documents: Documents,
  descriptors: readonly Descriptor[],
  outer: { names: readonly string[]; depth: number } = { names: [], depth: 0 },
): Promise<NamedManifest[]> {
  if (outer.depth > deepest) throw new InputError(`its indexes are in each other more than ${deepest} times`);
  documents.count(descriptors.length);
  const found: NamedManifest[] = [];
  for (const descriptor of descriptors) {
    const names = outer.names.length > 0 ? outer.names : descriptor.names;
    if (descriptor.isAttached) continue;
    if (isIndex(descriptor)) {
      const inside = parseIndex(nameOf(descriptor), await documents.read(descriptor));
      found.push(...(await manifestsOf(documents, inside, { names, depth: outer.depth + 1 })));
    } else if (isManifest(descriptor)) {
      found.push({ manifest: descriptor, names });
    }
  }
  return found;
}

/** @returns an error when it is the manifest of something else than an image */
async function platformOf(documents: Documents, descriptor: Descriptor): Promise<string | InputError> {
  const text = await documents.read(descriptor);
  let config;
  try {
    ({ config } = parseManifest(nameOf(descriptor), text));
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  return parseConfigPlatform(nameOf(config), await documents.read(config));
}

/** Reads documents, and no more than a layout can need. */
class Documents {
  readonly #directory: string;
  readonly #signal: AbortSignal | undefined;
  #descriptors = 0;
  #bytes = 0;

  constructor(directory: string, signal: AbortSignal | undefined) {
    this.#directory = directory;
    this.#signal = signal;
  }

  /** @throws InputError there were too many before */
  count(descriptors: number): void {
    this.#descriptors += descriptors;
    if (this.#descriptors > mostDescriptors)
      throw new InputError(`its indexes name more than ${mostDescriptors} things; import a layout with fewer images`);
  }

  async read(descriptor: Descriptor): Promise<string> {
    this.#signal?.throwIfAborted();
    this.#bytes += descriptor.bytes;
    if (descriptor.bytes > longestDocument || this.#bytes > mostDocumentBytes)
      throw new InputError(`${nameOf(descriptor)} has ${descriptor.bytes} bytes, too many for a document`);
    const chunks: Buffer[] = [];
    for await (const chunk of readBlob(this.#directory, descriptor, this.#signal)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
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
