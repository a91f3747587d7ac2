import { chmod, mkdir, open, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { exists } from '../host/files.ts';
import { describeError, describeErrorLines, HostError, InputError } from '../kit/errors.ts';
import { showValue } from '../kit/text.ts';
import type { Cleanup } from './cleanup.ts';
import { withCleanup } from './cleanup.ts';
import { defaultImageName, isImageName } from './decide/image-name.ts';
import type { InputKind } from './decide/input-kind.ts';
import { inputHeadBytes, inputKind } from './decide/input-kind.ts';
import { neededBytes } from './decide/needed-space.ts';
import { megabytes } from './decide/progress-line.ts';
import { openDisk } from './disk-source.ts';
import { hashFile } from './file-hash.ts';
import { endReplacements, putInPlace, requireFree } from './put-in-place.ts';
import { makeWorkDirectory } from './work-directory.ts';
import { writeImageFiles, writeRecord } from './write-image.ts';
import type { SystemFacts } from './inspect-system.ts';
import { inspectSystem } from './inspect-system.ts';
import type { Progress } from './progress.ts';
import { allocatedBytes, checkQcow, qcowDataBytes, writeRaw } from './raw-disk.ts';
import type { RootSource } from './root-source.ts';
import { firstMember, openTarball } from './tarball-source.ts';

export interface ImportOptions {
  /** Directory of all image directories. */
  images: string;
  /** The list of modules that an installer needs. */
  moduleList: string;
  /** Of the image directory; by default made of what os-release says. */
  name?: string | undefined;
  /** Replaces an image directory that is there. */
  force?: boolean | undefined;
  progress: Progress;
  /** Interrupts it; all is taken back then. */
  signal: AbortSignal;
}

/** The work was interrupted. The message says whether something of it is left. */
export class ImportInterrupted extends Error {
  override readonly name = 'ImportInterrupted';
}

/** Makes `images/<name>/<arch>` of a disk image or an archive of a root file system: whole, by one rename at the end, or not at all.
 * @returns the directory
 * @throws InputError the input or the name; HostError a program or the disk failed, or the image is finished and the way to it could not
 * be taken back; ImportInterrupted */
export async function importImage(input: string, options: ImportOptions): Promise<string> {
  const { result, failures } = await withCleanup((cleanup) => importWith(resolve(input), options, cleanup));
  const left = failures.map(describeError).join('; ');
  if (result.status === 'fulfilled') {
    if (left === '') return result.value;
    throw new HostError(`"${result.value}" is finished, but ${notTakenBack(left)}`);
  }
  if (options.signal.aborted) {
    const outcome = left === '' ? 'nothing of it is left' : notTakenBack(left);
    throw new ImportInterrupted(`the import of "${input}" was interrupted; ${outcome}`);
  }
  if (left === '') throw result.reason;
  const both = `${describeErrorLines(result.reason).join('\n')}; ${notTakenBack(left)}`;
  throw result.reason instanceof InputError ? new InputError(both) : new HostError(both);
}

function notTakenBack(left: string): string {
  return `not all that the import made on the way could be taken back: ${left}`;
}

async function importWith(file: string, options: ImportOptions, cleanup: Cleanup): Promise<string> {
  const { name, images, progress, signal } = options;
  if (name !== undefined) requireName(name);
  const input = await readKind(file);
  if (input.kind === 'qcow2') await checkQcow(file);
  await requireSpace(input, file, images);
  const before = await stat(file);
  await endReplacements(images, progress.say);
  const work = await makeWorkDirectory(images, cleanup);
  const notes: string[] = [];
  const say = (line: string): void => {
    notes.push(line);
    progress.say(line);
  };
  const source = await openSource(file, input, work, { cleanup, say, progress, signal });
  const facts = await inspect(source, file, input);
  progress.say(`found ${facts.os.prettyName} for ${facts.arch}, kernel ${facts.kernel.release}`);
  const missingInitrd = 'the system has no initrd of this kernel: it can be installed, and cannot be booted directly';
  if (facts.kernel.initrd === undefined) say(missingInitrd);
  const target = join(images, name ?? requireName(defaultImageName(facts.os)), facts.arch);
  await requireFree(target, options.force);
  const directory = join(work, 'image');
  await mkdir(directory);
  await chmod(directory, 0o755);
  await writeImageFiles(source, facts, directory, { ...options, folder: work });
  const sha256 = await progress.follow('check the source', before.size, (advance) =>
    hashFile(file, { advance, signal }),
  );
  const after = await stat(file);
  if (after.mtimeMs !== before.mtimeMs || after.size !== before.size) {
    throw new HostError(`import "${file}": it changed while it was read; try again when nobody writes to it`);
  }
  await writeRecord(
    directory,
    {
      version: 1,
      source: { name: basename(file), kind: describeKind(input), bytes: before.size, sha256 },
      imported: new Date().toISOString(),
      os: { id: facts.os.id, version: facts.os.versionId, name: facts.os.prettyName },
      arch: facts.arch,
      kernel: facts.kernel.release,
      unpacked_bytes: source.tarBytes,
      partitions: source.partitions,
      notes,
    },
    signal,
  );
  signal.throwIfAborted();
  await putInPlace(directory, target, { cleanup, force: options.force });
  return target;
}

function requireName(name: string): string {
  if (isImageName(name)) return name;
  throw new InputError(
    `name the image directory: ${showValue(name)} is no name of one; choose another with --name, such as debian-12: letters, digits, ".", "_" and "-"`,
  );
}

async function readKind(file: string): Promise<InputKind> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (cause) {
    throw new InputError(`read "${file}"`, { cause });
  }
  try {
    if (!(await handle.stat()).isFile()) throw await noFile(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(inputHeadBytes), 0, inputHeadBytes, 0);
    const result = inputKind(buffer.subarray(0, bytesRead));
    if ('found' in result) return result.found;
    const advice = result.advice ?? 'give a disk image (qcow2, raw) or an archive of a root file system';
    throw new InputError(`read "${file}": it is ${result.is}; ${advice}`);
  } finally {
    await handle.close();
  }
}

async function noFile(file: string): Promise<InputError> {
  const what = (await exists(join(file, 'oci-layout')))
    ? 'it is the image of a container (OCI), and these are not read: they have no kernel'
    : 'it is no file';
  return new InputError(`read "${file}": ${what}; give a disk image (qcow2, raw) or an archive of a root file system`);
}

function describeKind(input: InputKind): string {
  return input.kind === 'tarball' ? `tarball (${input.packing})` : input.kind;
}

/** The directory of all images may not be there yet. */
async function requireSpace(input: InputKind, file: string, images: string): Promise<void> {
  const dataBytes = await (input.kind === 'qcow2' ? qcowDataBytes(file) : allocatedBytes(file));
  const needed = neededBytes(input, dataBytes);
  let directory = resolve(images);
  while (!(await exists(directory))) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const there = bavail * bsize;
  if (there >= needed) return;
  throw new HostError(
    `import "${file}": up to ${megabytes(needed)} MB are needed in "${directory}", ${megabytes(there)} MB are free; make room there`,
  );
}

async function openSource(
  file: string,
  input: InputKind,
  work: string,
  tools: { cleanup: Cleanup; say: (line: string) => void; progress: Progress; signal: AbortSignal },
): Promise<RootSource> {
  const folder = join(work, 'found');
  if (input.kind === 'tarball') return openTarball(file, input.packing, folder, tools);
  if (input.kind === 'raw') return openDisk(file, folder, tools);
  const raw = join(work, 'disk.raw');
  await writeRaw(file, raw, { ...tools, dataBytes: await qcowDataBytes(file) });
  return openDisk(raw, folder, tools);
}

async function inspect(source: RootSource, file: string, input: InputKind): Promise<SystemFacts> {
  try {
    return await inspectSystem(source.system);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const begins =
      input.kind === 'tarball' ? ` (the archive begins with ${await firstMember(file, input.packing)})` : '';
    throw new InputError(`import "${file}": ${describeError(error)}${begins}`, { cause: undefined });
  }
}
