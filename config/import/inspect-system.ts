import { open } from 'node:fs/promises';

import type { Arch } from '../contract/architecture.ts';
import { InputError } from '../kit/errors.ts';
import type { OsRelease } from '../kit/os-release.ts';
import { parseOsRelease } from '../kit/os-release.ts';
import type { KernelChoice } from './decide/kernels.ts';
import { chooseKernel } from './decide/kernels.ts';
import { elfHeaderBytes, programArchitecture } from './decide/program-architecture.ts';
import type { SystemTree } from './system-tree.ts';

/** What an import must know of a system. */
export interface SystemFacts {
  os: OsRelease;
  arch: Arch;
  kernel: KernelChoice;
  /** A path of the system: the folder of this kernel's modules. */
  modules: string;
}

/** Init programs in the order in which the kernel and initramfs programs try them; where init is a script, the shell tells. */
const programs = [
  '/sbin/init',
  '/usr/lib/systemd/systemd',
  '/lib/systemd/systemd',
  '/etc/init',
  '/bin/init',
  '/bin/sh',
];
const moduleFolders = ['/lib/modules', '/usr/lib/modules'];

/** Reads what the system says of itself, and looks for what an image directory needs.
 * @throws InputError something that it needs is missing: no init program, another architecture, no kernel, a kernel without modules */
export async function inspectSystem(system: SystemTree): Promise<SystemFacts> {
  const release = (await system.read('/etc/os-release')) ?? (await system.read('/usr/lib/os-release'));
  if (release === undefined)
    throw new InputError('look for the system: it has neither etc/os-release nor usr/lib/os-release');
  const arch = await findArchitecture(system);
  const boot = await system.names('/boot');
  const folders = await kernelFolders(system);
  const kernel = chooseKernel(boot, folders);
  if (kernel === undefined) throw noKernel(boot, folders);
  const folder = folders.find((each) => each.release === kernel.release)?.folder ?? '';
  return { os: parseOsRelease(release), arch, kernel, modules: folder };
}

async function findArchitecture(system: SystemTree): Promise<Arch> {
  const seen: string[] = [];
  for (const path of programs) {
    const file = await system.locate(path);
    if (file === undefined) continue;
    const result = programArchitecture(await firstBytes(file));
    if ('arch' in result) return result.arch;
    seen.push(`${path} is ${result.found}`);
  }
  throw new InputError(
    seen.length === 0
      ? `look for the init program: the system has none of ${programs.join(', ')}; a container's root file system has none: import one of a whole machine`
      : `find out the architecture: ${seen.join('; ')}; an image for x86_64 or aarch64 is needed`,
  );
}

async function firstBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(elfHeaderBytes), 0, elfHeaderBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

interface KernelFolder {
  release: string;
  folder: string;
  hasKernel: boolean;
}

async function kernelFolders(system: SystemTree): Promise<KernelFolder[]> {
  const found: KernelFolder[] = [];
  for (const parent of moduleFolders) {
    for (const release of await system.names(parent)) {
      const names = await system.names(`${parent}/${release}`);
      // A folder that packages left behind has no modules.
      if (!names.includes('kernel') || found.some((each) => each.release === release)) continue;
      found.push({ release, folder: `${parent}/${release}`, hasKernel: names.includes('vmlinuz') });
    }
  }
  return found;
}

function noKernel(boot: readonly string[], folders: readonly KernelFolder[]): InputError {
  const kernels = boot.filter((name) => /^vmlinu[xz]/.test(name));
  const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
  return new InputError(
    `look for a kernel with its modules: kernels in /boot: ${list(kernels)}; modules: ${list(folders.map(({ release }) => release))}; install the distribution's kernel package in the system first, or import an image that has one`,
  );
}
