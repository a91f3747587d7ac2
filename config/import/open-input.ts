import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '../contract/architecture.ts';
import { exists } from '../host/files.ts';
import { HostError, InputError } from '../kit/errors.ts';
import type { Cleanup } from './cleanup.ts';
import type { InputKind } from './decide/input-kind.ts';
import { inputHeadBytes, inputKind } from './decide/input-kind.ts';
import type { PackedLayer } from './decide/needed-space.ts';
import { layersNeedBytes, neededBytes } from './decide/needed-space.ts';
import { openDisk } from './disk-source.ts';
import { hashFile } from './file-hash.ts';
import { layerPacking, openLayout } from './oci/layout.ts';
import { layerBytes, openContainerImage } from './oci/oci-source.ts';
import type { Progress } from './progress.ts';
import { allocatedBytes, checkQcow, qcowDataBytes, writeRaw } from './raw-disk.ts';
import type { RootSource } from './root-source.ts';
import { archiveFile, firstMember, openArchive } from './tarball-source.ts';

export interface InputTools {
  cleanup: Cleanup;
  say: (line: string) => void;
  progress: Progress;
  signal: AbortSignal;
}

/** What is imported. */
export interface ImportInput {
  /** For image.json, such as `tarball (gzip)`. */
  kind: string;
  bytes: number;
  /** How many bytes an import of it writes at most. */
  neededBytes: number;
  /** @param work a directory for temporary files   @throws InputError it is damaged, or holds no system */
  openSource(work: string, tools: InputTools): Promise<RootSource>;
  /** SHA-256 in hexadecimal. @throws HostError it changed since it was opened */
  identify(options: { advance: (bytes: number) => void; signal: AbortSignal }): Promise<string>;
  /** What is said of one that holds no system; empty: nothing more is known. */
  remark(): Promise<string>;
}

/** What chooses one of several images in a directory of them. */
export interface ImageWish {
  arch?: Arch | undefined;
  ref?: string | undefined;
}

/** Finds out what a file or directory is.
 * @throws InputError it is nothing that can be imported; the signal's error when it was interrupted */
export async function openInput(file: string, wish: ImageWish & { signal: AbortSignal }): Promise<ImportInput> {
  if (await exists(join(file, 'oci-layout'))) return containerImage(file, wish);
  const kind = await readKind(file);
  if (wish.ref !== undefined)
    throw new InputError(`read "${file}": --ref chooses an image of a directory that has several (OCI); leave it out`);
  if (kind.kind === 'qcow2') await checkQcow(file);
  const before = await stat(file);
  const dataBytes = await (kind.kind === 'qcow2' ? qcowDataBytes(file) : allocatedBytes(file));
  return {
    kind: kind.kind === 'tarball' ? `tarball (${kind.packing})` : kind.kind,
    bytes: before.size,
    neededBytes: neededBytes(kind, dataBytes),
    openSource: (work, tools) => openFile(file, kind, work, tools),
    async identify(options) {
      const sha256 = await hashFile(file, options);
      const after = await stat(file);
      if (after.mtimeMs === before.mtimeMs && after.size === before.size) return sha256;
      throw new HostError(`import "${file}": it changed while it was read; try again when nobody writes to it`);
    },
    async remark() {
      return kind.kind === 'tarball' ? ` (the archive begins with ${await firstMember(file, kind.packing)})` : '';
    },
  };
}

/** The SHA-256 is that of its manifest, which names all else by theirs. */
async function containerImage(
  directory: string,
  { arch, ref, signal }: ImageWish & { signal: AbortSignal },
): Promise<ImportInput> {
  const machine: Arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const image = await openLayout(directory, { arch, ref, machine }, signal);
  const layers: PackedLayer[] = [];
  for (const layer of image.layers) layers.push({ packing: await layerPacking(directory, layer), bytes: layer.bytes });
  return {
    kind: 'container image (OCI)',
    bytes: layerBytes(image),
    neededBytes: layersNeedBytes(layers),
    openSource: (work, tools) => openContainerImage(image, join(work, 'found'), tools),
    identify: () => Promise.resolve(image.manifest.hex),
    remark: () => Promise.resolve(''),
  };
}

async function readKind(file: string): Promise<InputKind> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (cause) {
    throw new InputError(`read "${file}"`, { cause });
  }
  const accepted = 'give a disk image (qcow2, raw), an archive of a root file system, or a directory with an OCI image';
  try {
    if (!(await handle.stat()).isFile()) throw new InputError(`read "${file}": it is no file; ${accepted}`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(inputHeadBytes), 0, inputHeadBytes, 0);
    const result = inputKind(buffer.subarray(0, bytesRead));
    if ('found' in result) return result.found;
    throw new InputError(`read "${file}": it is ${result.is}; ${result.advice ?? accepted}`);
  } finally {
    await handle.close();
  }
}

async function openFile(file: string, input: InputKind, work: string, tools: InputTools): Promise<RootSource> {
  const folder = join(work, 'found');
  if (input.kind === 'tarball') {
    const source = await openArchive(await archiveFile(file, input.packing), folder, tools);
    await refuseContainerArchive(file, source);
    return source;
  }
  if (input.kind === 'raw') return openDisk(file, folder, tools);
  const raw = join(work, 'disk.raw');
  await writeRaw(file, raw, { ...tools, dataBytes: await qcowDataBytes(file) });
  return openDisk(raw, folder, tools);
}

/** `docker save` and `skopeo copy … oci-archive:` pack a layout; Docker before version 25 packed something of its own. */
async function refuseContainerArchive(file: string, { system }: RootSource): Promise<void> {
  const has = async (path: string): Promise<boolean> => (await system.locate(path)) !== undefined;
  if (await has('/etc')) return;
  const what = `read "${file}": it is an archive of a container image`;
  if (await has('/oci-layout'))
    throw new InputError(
      `${what}; unpack it: mkdir image.oci && tar -C image.oci -xf "${file}"; then import image.oci`,
    );
  if (await has('/manifest.json'))
    throw new InputError(
      `${what} as Docker had it before version 25; convert it: skopeo copy "docker-archive:${file}" oci:image.oci; then import image.oci`,
    );
}
