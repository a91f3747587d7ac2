import { chmod, mkdir, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { exists } from '../host/files.ts';
import { describeError, describeErrorLines, HostError, InputError } from '../kit/errors.ts';
import { showValue } from '../kit/text.ts';
import type { Cleanup } from './cleanup.ts';
import { withCleanup } from './cleanup.ts';
import { defaultImageName, isImageName } from './decide/image-name.ts';
import { megabytes } from './decide/progress-line.ts';
import type { SystemFacts } from './inspect-system.ts';
import { inspectSystem } from './inspect-system.ts';
import type { ImageWish, ImportInput } from './open-input.ts';
import { openInput } from './open-input.ts';
import type { Progress } from './progress.ts';
import { endReplacements, putInPlace, requireFree } from './put-in-place.ts';
import type { RootSource } from './root-source.ts';
import { makeWorkDirectory } from './work-directory.ts';
import { writeImageFiles, writeRecord } from './write-image.ts';

export interface ImportOptions extends ImageWish {
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

/** Makes `images/<name>/<arch>` of a disk image, an archive of a root file system or a container image: whole, by one rename at the end, or not at all.
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
  const input = await openInput(file, options);
  await requireSpace(input, file, images);
  await endReplacements(images, progress.say);
  const work = await makeWorkDirectory(images, cleanup);
  const notes: string[] = [];
  const say = (line: string): void => {
    notes.push(line);
    progress.say(line);
  };
  const source = await input.openSource(work, { cleanup, say, progress, signal });
  const facts = await inspect(source, file, input);
  requireArchitecture(facts, file, options);
  progress.say(`found ${facts.os.prettyName} for ${facts.arch}, kernel ${facts.kernel.release}`);
  const missingInitrd = 'the system has no initrd of this kernel: it can be installed, and cannot be booted directly';
  if (facts.kernel.initrd === undefined) say(missingInitrd);
  const target = join(images, name ?? requireName(defaultImageName(facts.os)), facts.arch);
  await requireFree(target, options.force);
  const directory = join(work, 'image');
  await mkdir(directory);
  await chmod(directory, 0o755);
  await writeImageFiles(source, facts, directory, { ...options, folder: work });
  const sha256 = await progress.follow('check the source', input.bytes, (advance) =>
    input.identify({ advance, signal }),
  );
  await writeRecord(
    directory,
    {
      version: 1,
      source: { name: basename(file), kind: input.kind, bytes: input.bytes, sha256 },
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

/** The directory of all images may not be there yet. */
async function requireSpace({ neededBytes }: ImportInput, file: string, images: string): Promise<void> {
  let directory = resolve(images);
  while (!(await exists(directory))) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const there = bavail * bsize;
  if (there >= neededBytes) return;
  throw new HostError(
    `import "${file}": up to ${megabytes(neededBytes)} MB are needed in "${directory}", ${megabytes(there)} MB are free; make room there`,
  );
}

async function inspect(source: RootSource, file: string, input: ImportInput): Promise<SystemFacts> {
  try {
    return await inspectSystem(source.system);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`import "${file}": ${describeError(error)}${await input.remark()}`, { cause: undefined });
  }
}

function requireArchitecture(facts: SystemFacts, file: string, { arch }: ImportOptions): void {
  if (arch === undefined || facts.arch === arch) return;
  throw new InputError(`import "${file}": its system is for ${facts.arch}, and not for ${arch} (--arch)`);
}
