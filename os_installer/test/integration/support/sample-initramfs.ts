import { randomBytes } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import type { StepOf } from '../../../src/steps/index.ts';
import { systemWith } from './chroot.ts';
import { fakeRoot } from './fake-root.ts';
import type { ObservedInstallation } from './installation.ts';
import { installationInto } from './installation.ts';
import { release, stepOf } from './planned.ts';
import { loaded, nvmeDisk } from './sysfs-trees.ts';
import { writeTree } from './tree.ts';

const timeoutMs = 60_000;
export const packers = needs('cpio', 'gzip', 'zstd', 'xz');
export const step: StepOf<'initramfs'> = { ...stepOf('initramfs'), disk: '/dev/nvme0n1', when: 'if-needed' };
export const initrd = `boot/initrd.img-${release}`;
const kernel = `usr/lib/modules/${release}/kernel`;
export const fit = [`${kernel}/fs/ext4/ext4.ko`, `${kernel}/drivers/nvme/host/nvme.ko.xz`];
export const lean = [`${kernel}/fs/ext4/ext4.ko`, `${kernel}/drivers/block/virtio_blk.ko`];

/** Packs the directory that it runs in; `$1` is a directory with early microcode. */
export const archive = 'find . | cpio -o -H newc --quiet';
export const early = '(cd "$1" && find . | cpio -o -H newc --quiet); head -c 1000 /dev/zero';
/** As initramfs-tools packs modules that are compressed already, and the rest behind them. */
const modulesApart =
  'find usr/lib/modules | cpio -o -H newc --quiet; find . -path ./usr/lib -prune -o -print | cpio -o -H newc --quiet';
export const packings = {
  'a plain archive': archive,
  gzip: `${archive} | gzip`,
  zstd: `${archive} | zstd -q`,
  'gzip behind microcode': `${early}; ${archive} | gzip`,
  'zstd behind microcode': `${early}; ${archive} | zstd -q`,
  'modules apart between microcode and zstd': `${early}; ${modulesApart} | zstd -q`,
};

function incompressible(bytes: number): string {
  return randomBytes(bytes).toString('latin1');
}

/** An initramfs with files at these paths, among others large enough for several reads. */
export async function pack(context: TestContext, paths: readonly string[], packing: string): Promise<string> {
  const filler = { 'usr/bin/large': incompressible(150_001), 'zz-large': incompressible(150_002) };
  const content = await writeTree(context, { ...filler, ...Object.fromEntries(paths.map((path) => [path, 'module'])) });
  const microcode = await writeTree(context, { 'kernel/x86/microcode/GenuineIntel.bin': 'z'.repeat(200_003) });
  const file = join(await writeTree(context, {}), 'initramfs');
  const script = `set -e; cd "$0"; { ${packing}; } > "$2"`;
  await run('sh', ['-c', script, content, microcode, file], { timeoutMs });
  return file;
}

/** A machine whose disk needs nvme and ext4, and a root file system with this initramfs. */
export async function installationWith(
  context: TestContext,
  file: string,
  target?: string,
): Promise<ObservedInstallation & { path: string }> {
  const sysfs = join(await fakeRoot(context, { ...nvmeDisk, ...loaded('nvme', 'ext4') }), 'sys');
  const directory = target ?? (await writeTree(context, {}));
  const path = join(directory, initrd);
  await mkdir(dirname(path), { recursive: true });
  await copyFile(file, path);
  return { ...installationInto(directory, { sysfs }), path };
}

/** A root file system whose update-initramfs writes its arguments to /calls and makes what is at /next.
 * @param before what it does before it makes that */
export async function systemThatMakes(context: TestContext, next: string, before = ''): Promise<string> {
  const files = { [`lib/modules/${release}/modules.dep.bin`]: 'x' };
  const script = `#!/bin/sh\necho "$@" >> /calls\n${before}\nmkdir -p /boot\ncp /next "/boot/initrd.img-$3"\n`;
  const system = await systemWith(context, files, 'usr/sbin/update-initramfs', script);
  await copyFile(next, join(system, 'next'));
  return system;
}

/** The beginning of a warning. */
export const cannotTell =
  / warn test cannot tell whether the initramfs has what the system needs to start from \/dev\/nvme0n1: /;
