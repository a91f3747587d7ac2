import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type { Arch } from '../../../../contract/architecture.ts';
import { run } from '../../../../host/run.ts';
import { importImage } from '../../../../import/import-image.ts';
import type { ImageRecord } from '../../../../import/image-record.ts';
import { needs } from '../../../support/requirements.ts';
import { temporaryDirectory } from './disk-image.ts';

const timeoutMs = 120_000;
export const moduleList = join(import.meta.dirname, '../../../../../lab/image/modules.txt');
/** All of them come with the packages of lab/packages.txt. */
export const requirements = needs(
  ...['losetup', 'sfdisk', 'partx', 'blkid', 'mount', 'qemu-img', 'mcopy', 'mkfs.fat', 'mkfs.ext4', 'mkfs.xfs'],
  ...['mkfs.btrfs', 'tar', 'zstd', 'xz', 'bzip2', 'gzip', 'cpio', 'depmod'],
);

/** Says nothing, but keeps the lines. */
export function keptProgress(): { said: string[]; progress: Parameters<typeof importImage>[1]['progress'] } {
  const said: string[] = [];
  return {
    said,
    progress: { say: (line) => void said.push(line), follow: (_what, _total, work) => work(() => undefined) },
  };
}

export interface Imported {
  directory: string;
  record: ImageRecord;
  said: string[];
  /** Paths in rootfs.tar.zst, as they are there. */
  paths: string[];
  /** The text of a file in it. */
  text(path: string): Promise<string>;
}

/** Imports a file into a directory of images of its own. */
export async function importFile(
  context: TestContext,
  file: string,
  options: { name?: string; images?: string; force?: boolean; arch?: Arch; ref?: string } = {},
): Promise<Imported> {
  const images = options.images ?? join(await temporaryDirectory(context), 'images');
  await mkdir(images, { recursive: true });
  const { said, progress } = keptProgress();
  const signal = new AbortController().signal;
  const directory = await importImage(file, { ...options, images, moduleList, progress, signal });
  const rootfs = join(directory, 'rootfs.tar.zst');
  const { stdout } = await run('tar', ['--zstd', '-tf', rootfs], { timeoutMs });
  return {
    directory,
    // Written by the import.
    record: JSON.parse(await readFile(join(directory, 'image.json'), 'utf8')) as ImageRecord,
    said,
    paths: stdout.split('\n'),
    text: async (path) => (await run('tar', ['--zstd', '-xOf', rootfs, path], { timeoutMs })).stdout,
  };
}

/** Where an imported image is unpacked as the installer does it. */
export async function unpackedByInstaller(context: TestContext, file: string): Promise<string> {
  const { directory } = await importFile(context, file);
  const target = await temporaryDirectory(context);
  const args = ['-x', '-p', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls', '-C', target];
  await run('tar', ['--zstd', ...args, '-f', join(directory, 'rootfs.tar.zst')], { timeoutMs });
  return target;
}
