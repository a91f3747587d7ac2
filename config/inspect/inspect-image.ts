import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '../contract/architecture.ts';
import type { ImageFacts, ModulesFacts } from '../contract/image-facts.ts';
import type { ImageVerdict } from '../contract/published-images.ts';
import { isUnfinished } from '../definitions/image-choice.ts';
import { openRegular } from '../host/files.ts';
import { HostError, isErrno } from '../kit/errors.ts';
import { packingBytes, packingOf } from '../kit/packing.ts';
import { findFacts } from './decide/find-facts.ts';
import { newestFirst } from './decide/find-kernels.ts';
import { createModulesIndex } from './decide/modules-index.ts';
import type { ImageLook } from './decide/next-inspection.ts';
import { RootIndexBuilder } from './decide/root-index.ts';
import { unpackingOf } from './decide/unpacking.ts';
import { judgeImage } from './decide/verdict.ts';
import { createCpioReader } from './parse/cpio-reader.ts';
import { kernelHeadBytes, kernelReleaseOf } from './parse/kernel-release.ts';
import { ArchiveError, TarReader } from './parse/tar-reader.ts';
import { unpacked } from './unpacked.ts';

/** What is to be inspected. */
export interface InspectedDirectory {
  /** Where it lies. */
  path: string;
  /** As users know it: `images/debian-12/x86_64`. */
  directory: string;
  arch: Arch;
  /** Its files. */
  names: readonly string[];
  /** The tarball. */
  rootfs: string;
}

/** What one inspection has found; without facts the tarball cannot be read. */
export interface Inspection extends ImageVerdict {
  facts?: ImageFacts;
}

/** Inspects what a look has found. @param look with a tarball
 * @throws HostError as `inspectImage` */
export async function inspectLook(imagesDir: string, { image, names, rootfs = '' }: ImageLook): Promise<Inspection> {
  const arch: Arch = image.endsWith('/aarch64') ? 'aarch64' : 'x86_64';
  return inspectImage({ path: join(imagesDir, image), directory: `images/${image}`, arch, names, rootfs });
}

/** Reads a directory's tarball once, and its kernels and modules, and judges them. Nothing is stored.
 * @throws HostError it cannot be read, which says nothing about it: it is gone, the disk fails, a program is missing */
export async function inspectImage(image: InspectedDirectory): Promise<Inspection> {
  const startedAt = performance.now();
  const archive = `${image.directory}/${image.rootfs}`;
  await using file = await openArchive(join(image.path, image.rootfs));
  const head = await readHead(file, packingBytes);
  const unpacking = unpackingOf(head);
  if ('problem' in unpacking) return refused(archive, unpacking.problem, unpacking.fix);
  const builder = new RootIndexBuilder();
  try {
    const reader = new TarReader(builder);
    for await (const chunk of unpacked(file, unpacking.packing)) reader.push(chunk);
    reader.end();
  } catch (error) {
    if (error instanceof ArchiveError) return refused(archive, error.message, 'fetch the image again');
    throw new HostError(`read "${join(image.path, image.rootfs)}"`, { cause: error });
  }
  const index = builder.index();
  const facts: ImageFacts = {
    rootfs: image.rootfs,
    packing: unpacking.packing,
    packedBytes: (await file.stat()).size,
    ...findFacts(index, image.arch),
    bootKernels: await readBootKernels(image),
    modulesArchive: await readModulesArchive(image),
    durationMs: Math.round(performance.now() - startedAt),
  };
  return { ...judgeImage(facts, index, image), facts };
}

function refused(archive: string, problem: string, fix: string): Inspection {
  return { faults: [{ problem: `${archive} ${problem}`, fix }], warnings: [], kernelsWithoutModules: [] };
}

async function openArchive(path: string): Promise<FileHandle> {
  try {
    return await openRegular(path);
  } catch (cause) {
    throw new HostError(`read "${path}"`, { cause });
  }
}

async function readHead(file: FileHandle, bytes: number): Promise<Buffer> {
  const head = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(head, 0, bytes, 0);
  return head.subarray(0, bytesRead);
}

async function readBootKernels({ path, names }: InspectedDirectory): Promise<ImageFacts['bootKernels']> {
  const kernels: { file: string; release: string; ownRelease?: string }[] = [];
  for (const name of names.filter((one) => one.startsWith('vmlinu') && !isUnfinished(one))) {
    kernels.push({ file: name, release: '', ...kernelReleaseOf(name, await headOf(join(path, name))) });
  }
  return newestFirst(kernels).map(({ release, ...others }) => (release === '' ? others : { ...others, release }));
}

/** Of a kernel that cannot be read only the name tells: the VM that boots it is told so. */
async function headOf(path: string): Promise<Buffer> {
  try {
    await using file = await openRegular(path);
    return await readHead(file, kernelHeadBytes);
  } catch {
    return Buffer.alloc(0);
  }
}

/** @returns null when it is not there, or is none: the installer then has nothing from it */
async function readModulesArchive({ path, names }: InspectedDirectory): Promise<ModulesFacts[] | null> {
  const name = names.find((one) => one === 'modules.cpio.gz');
  if (name === undefined) return null;
  try {
    await using file = await openRegular(join(path, name));
    // An archive that is not packed has no packing: "tar" reads a file as it is.
    const packing = packingOf(await readHead(file, packingBytes)) ?? 'tar';
    const modules = createModulesIndex();
    const reader = createCpioReader(modules.entry);
    for await (const chunk of unpacked(file, packing)) reader.push(chunk);
    reader.end();
    return newestFirst(modules.releases());
  } catch (error) {
    if (error instanceof ArchiveError || isErrno(error, 'EACCES')) return null;
    throw new HostError(`read "${join(path, name)}"`, { cause: error });
  }
}
