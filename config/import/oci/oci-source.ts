import { Readable } from 'node:stream';

import { describeError, InputError } from '../../kit/errors.ts';
import { isLookedAt } from '../decide/looked-at.ts';
import type { Progress } from '../progress.ts';
import type { RootSource } from '../root-source.ts';
import type { Archive } from '../tarball-source.ts';
import { openArchive } from '../tarball-source.ts';
import type { DirectoryHeader, KeptEntry } from './decide/kept-entries.ts';
import { createMemoryBudget, keepEntry } from './decide/kept-entries.ts';
import type { MergedFiles } from './decide/merge-layers.ts';
import { createLayerMerger } from './decide/merge-layers.ts';
import { blockBytes, encodeEntry, encodeHardLink } from './decide/tar-header.ts';
import type { LayoutImage } from './layout.ts';
import { nameOf, readBlob } from './layout.ts';
import type { LayerMember } from './read-layer.ts';
import { readLayer } from './read-layer.ts';
import { unpackLayer } from './unpack-layer.ts';

interface Reading {
  advance: (bytes: number) => void;
  signal: AbortSignal;
}

/** How many bytes all layers have, as they lie there. */
export function layerBytes({ layers }: LayoutImage): number {
  return layers.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The root file system that a container image's layers make together. Its archive is written from theirs, entry by entry, so owners,
 * xattrs and capabilities are those they have; no layer is unpacked into a file system. Every blob is checked before anything of it is
 * looked at, and again each time it is read.
 * @param folder for the few files that an import looks at
 * @throws InputError a blob or an archive is damaged, or a layer leads out of the root; CommandError it was interrupted */
export async function openContainerImage(
  image: LayoutImage,
  folder: string,
  tools: { progress: Progress; signal: AbortSignal },
): Promise<RootSource> {
  const { progress, signal } = tools;
  const bytes = layerBytes(image);
  await progress.follow('check the layers', bytes, (advance) => checkBlobs(image, { advance, signal }));
  const files = await progress.follow('look at what the layers change', bytes, (advance) =>
    mergeLayers(image, { advance, signal }),
  );
  const archive: Archive = {
    name: image.directory,
    packing: 'tar',
    bytes,
    open(options) {
      const merged = Readable.from(mergedArchive(image, files, options), { objectMode: false });
      return { archive: merged, ended: Promise.resolve() };
    },
  };
  return openArchive(archive, folder, tools);
}

async function checkBlobs(image: LayoutImage, { advance, signal }: Reading): Promise<void> {
  for (const blob of [image.config, ...image.layers]) {
    for await (const chunk of readBlob(image.directory, blob, signal)) advance(chunk.length);
  }
}

async function mergeLayers(image: LayoutImage, reading: Reading): Promise<MergedFiles<DirectoryHeader>> {
  const budget = createMemoryBudget();
  const merger = createLayerMerger<DirectoryHeader>(budget);
  for (const index of image.layers.keys()) {
    const entries: KeptEntry[] = [];
    try {
      for await (const member of membersOf(image, index, reading)) {
        entries.push(keepEntry(member, entries.length, budget));
      }
      merger.add(entries);
    } catch (error) {
      throw ofLayer(image, index, error);
    }
  }
  return merger.files();
}

/** Directories come first, so that the modes of those that are not for everybody hold from the beginning, and once more at the end: what
 * is made in a directory changes its time. */
async function* mergedArchive(
  image: LayoutImage,
  { directories, places }: MergedFiles<DirectoryHeader>,
  reading: Reading,
): AsyncGenerator<Buffer> {
  const headers = directories.map(({ path, header }) => encodeEntry(header, path === '' ? './' : `${path}/`));
  yield* headers;
  for (const [index, placesOfLayer] of places.entries()) {
    let ordinal = 0;
    try {
      for await (const member of membersOf(image, index, reading)) {
        const [path, ...links] = lookedAtFirst(placesOfLayer.get(ordinal++) ?? []);
        if (path === undefined) continue;
        yield encodeEntry(member, path);
        yield* member.content;
        for (const link of links) yield encodeHardLink(member, link, path);
      }
    } catch (error) {
      throw ofLayer(image, index, error);
    }
  }
  yield* headers;
  yield Buffer.alloc(2 * blockBytes);
}

/** The first name gets the content, the others are hard links to it: whoever unpacks only what is looked at must find the content there. */
function lookedAtFirst(names: readonly string[]): readonly string[] {
  const first = names.length > 1 ? names.find(isLookedAt) : undefined;
  return first === undefined ? names : [first, ...names.filter((name) => name !== first)];
}

function membersOf(image: LayoutImage, index: number, { advance, signal }: Reading): AsyncGenerator<LayerMember> {
  const layer = image.layers[index];
  if (layer === undefined) throw new Error(`no layer ${index}`);
  return readLayer(unpackLayer(counted(readBlob(image.directory, layer, signal), advance), signal));
}

async function* counted(chunks: AsyncIterable<Buffer>, advance: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    advance(chunk.length);
    yield chunk;
  }
}

function ofLayer({ layers }: LayoutImage, index: number, error: unknown): unknown {
  const layer = layers[index];
  if (!(error instanceof InputError) || layer === undefined) return error;
  return new InputError(`layer ${index + 1} of ${layers.length} (${nameOf(layer)}): ${describeError(error)}`);
}
