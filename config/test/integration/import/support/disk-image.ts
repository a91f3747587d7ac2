import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { run } from '../../../../host/run.ts';

const timeoutMs = 120_000;
const mebibyte = 2 ** 20;
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

export const partitionTypes = {
  biosBoot: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  extendedBoot: 'BC13C2FF-59E6-4262-A352-B275FD6F7172',
};

export interface TestPartition {
  number: number;
  startMiB: number;
  sizeMiB: number;
  type: string;
  /** Makes what is in it; a `device` is that part of the image only. */
  fill?: (device: TestDevice) => Promise<void>;
}

/** A loop device for one partition. */
export interface TestDevice {
  path: string;
  /** Makes a file system. */
  format(program: string, ...args: string[]): Promise<void>;
  /** Mounts it while some work is done on the directory. */
  mounted(work: (directory: string) => Promise<void>, options?: string): Promise<void>;
}

export async function temporaryDirectory(context: Pick<TestContext, 'after'>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'import-'));
  context.after(() => rm(directory, { recursive: true }));
  return directory;
}

/** Makes a raw disk image with a partition table, or one that is a file system alone (no partitions, only `fill`). */
export async function makeDisk(
  context: Pick<TestContext, 'after'>,
  {
    sizeMiB,
    label = 'gpt',
    sectorSize = 512,
    partitions,
  }: { sizeMiB: number; label?: 'gpt' | 'dos' | 'none'; sectorSize?: number; partitions: readonly TestPartition[] },
): Promise<string> {
  const raw = join(await temporaryDirectory(context), 'disk.raw');
  await writeFile(raw, '');
  await truncate(raw, sizeMiB * mebibyte);
  if (label !== 'none') await writeTable(raw, label, sectorSize, partitions);
  for (const { startMiB, sizeMiB: size, fill } of partitions) {
    if (fill === undefined) continue;
    await withLoop(raw, ['--offset', `${startMiB * mebibyte}`, '--sizelimit', `${size * mebibyte}`], async (path) => {
      await fill(deviceAt(path, `${raw}.mnt`));
    });
  }
  return raw;
}

async function writeTable(
  raw: string,
  label: string,
  sectorSize: number,
  partitions: readonly TestPartition[],
): Promise<void> {
  const lines = partitions.map(
    ({ number, startMiB, sizeMiB, type }) =>
      `${number}: start=${(startMiB * mebibyte) / sectorSize}, size=${(sizeMiB * mebibyte) / sectorSize}, type=${type}\n`,
  );
  await withLoop(raw, ['--sector-size', String(sectorSize)], async (path) => {
    const args = ['--quiet', '--no-reread', '--no-tell-kernel', path];
    await run('sfdisk', args, { timeoutMs, input: [`label: ${label}\n`, ...lines].join('') });
  });
}

async function withLoop(raw: string, args: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  const path = (await run('losetup', ['--find', '--show', ...args, raw], { timeoutMs })).stdout.trim();
  try {
    await work(path);
  } finally {
    await run('losetup', ['--detach', path], { timeoutMs });
  }
}

function deviceAt(path: string, directory: string): TestDevice {
  return {
    path,
    async format(program, ...args) {
      await run(program, [...args, path], { timeoutMs });
    },
    async mounted(work, options = 'rw') {
      await mkdir(directory, { recursive: true });
      await run('mount', ['-o', options, path, directory], { timeoutMs });
      try {
        await work(directory);
      } finally {
        await run('umount', [directory], { timeoutMs });
      }
    },
  };
}

/** An ESP as Fedora's has: its files by mtools, so that the kernel need not know vfat. */
export async function fillEsp({ path, format }: TestDevice, ...args: string[]): Promise<void> {
  await format('mkfs.fat', '-n', 'UEFI', ...args);
  const env = { MTOOLS_SKIP_CHECK: '1' };
  await run('mmd', ['-i', path, '::/EFI', '::/EFI/fedora'], { timeoutMs, env });
  await run('mcopy', ['-i', path, '-', '::/EFI/fedora/shimx64.efi'], { timeoutMs, env, input: 'shim\n' });
}

/** The disk as it is downloaded: a compressed qcow2 whose name says nothing. */
export async function toQcow(raw: string): Promise<string> {
  const file = `${raw}.download`;
  await run('qemu-img', ['convert', '-c', '-O', 'qcow2', raw, file], { timeoutMs });
  return file;
}
