import type { Arch } from '../contract/architecture.ts';
import { InputError } from '../kit/errors.ts';
import type { OsRelease } from '../kit/os-release.ts';
import { parseOsRelease } from '../kit/os-release.ts';
import type { KernelChoice, KernelFolder } from './decide/kernels.ts';
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
/** It becomes a part of file names and arguments. Linux, Makefile: a version, then what the builder added. */
const releaseForm = /^\w[\w.+~-]*$/;
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
    const result = await architectureOf(system, path);
    if (result === undefined) continue;
    if ('arch' in result) return result.arch;
    seen.push(`${path} is ${result.found}`);
  }
  throw new InputError(
    seen.length === 0
      ? `look for the init program: the system has none of ${programs.join(', ')}; a container's root file system has none: import one of a whole machine`
      : `find out the architecture: ${seen.join('; ')}; an image for x86_64 or aarch64 is needed`,
  );
}

async function architectureOf(
  system: SystemTree,
  path: string,
): Promise<ReturnType<typeof programArchitecture> | undefined> {
  try {
    const head = await system.head(path, elfHeaderBytes);
    return head === undefined ? undefined : programArchitecture(head);
  } catch (error) {
    if (error instanceof InputError) return { found: 'not a regular file' };
    throw error;
  }
}

async function kernelFolders(system: SystemTree): Promise<KernelFolder[]> {
  const found: KernelFolder[] = [];
  for (const parent of moduleFolders) {
    for (const release of await system.names(parent)) {
      if (!releaseForm.test(release)) continue;
      const names = await system.names(`${parent}/${release}`);
      // A folder that packages left behind has no modules.
      if (!names.includes('kernel') || found.some((each) => each.release === release)) continue;
      found.push({ release, folder: `${parent}/${release}`, names });
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
