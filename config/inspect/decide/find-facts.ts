import type { Arch } from '../../contract/architecture.ts';
import { architectures } from '../../contract/architecture.ts';
import type { BootLoaderFacts, ImageFacts } from '../../contract/image-facts.ts';
import { familyOf } from '../../definitions/distro-family.ts';
import { parseOsRelease } from '../../kit/os-release.ts';
import { findKernels } from './find-kernels.ts';
import { resolvePath } from './resolve-path.ts';
import type { IndexedFile, RootIndex } from './root-index.ts';

/** What the root file system itself tells. */
export type RootFacts = Omit<
  ImageFacts,
  'rootfs' | 'packing' | 'packedBytes' | 'bootKernels' | 'modulesArchive' | 'durationMs'
>;

/** In the order of Linux (kernel_init of init/main.c) and, where there is none of these, of systemd in an initramfs. */
const initPrograms = ['sbin/init', 'etc/init', 'bin/init', 'usr/lib/systemd/systemd', 'lib/systemd/systemd', 'init'];
const shells = ['bin/sh', 'usr/bin/sh', 'bin/bash'];
const initramfsPrograms = ['usr/sbin/update-initramfs', 'usr/bin/dracut', 'usr/sbin/dracut', 'sbin/dracut'];
const grubInstallers = [
  'usr/sbin/grub-install',
  'usr/sbin/grub2-install',
  'usr/bin/grub2-install',
  'sbin/grub-install',
];
const cloudInitPrograms = ['usr/bin/cloud-init', 'usr/local/bin/cloud-init', 'bin/cloud-init'];
const setfilesPrograms = ['usr/sbin/setfiles', 'sbin/setfiles', 'usr/bin/setfiles'];
const shownEspFiles = 50;

/** The facts, of an archive that has been read to its end.
 * @param arch whose boot loaders count */
export function findFacts(index: RootIndex, arch: Arch): RootFacts {
  const osReleaseText = textOf(index, 'etc/os-release') ?? textOf(index, 'usr/lib/os-release');
  const osRelease = osReleaseText === undefined ? undefined : parseOsRelease(osReleaseText);
  const family = osRelease === undefined ? undefined : familyOf(osRelease);
  const init = firstProgram(index, initPrograms);
  const initramfsProgram = firstProgram(index, initramfsPrograms);
  const architecture = machineOf(index, init);
  return {
    unpackedBytes: index.bytes,
    files: index.entries,
    ...(osRelease === undefined ? {} : { osRelease }),
    ...(family === undefined ? {} : { family }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(init === undefined ? {} : { init: `/${init}` }),
    ...(index.root === undefined ? {} : { root: { ...index.root, mode: octal(index.root.mode) } }),
    kernels: findKernels(index),
    ...(initramfsProgram === undefined ? {} : { initramfsProgram: `/${initramfsProgram}` }),
    bootLoader: findBootLoader(index, arch),
    cloudInit: firstProgram(index, cloudInitPrograms) !== undefined,
    ...selinuxOf(index),
    escapes: [...index.escapes],
  };
}

/** By the init program; a script runs on what the shell is made for. */
function machineOf(index: RootIndex, init: string | undefined): string | undefined {
  const named = [init, ...shells].flatMap((path) =>
    path === undefined ? [] : (fileAt(index, path)?.file.machine ?? []),
  );
  return named[0] ?? mostCommonMachine(index);
}

function mostCommonMachine({ files }: RootIndex): string | undefined {
  const counts = new Map<string, number>();
  for (const { machine } of files.values()) {
    if (machine !== undefined) counts.set(machine, (counts.get(machine) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

function findBootLoader(index: RootIndex, arch: Arch): BootLoaderFacts {
  const { grubTarget, removableLoader } = architectures[arch];
  const suffix = /^BOOT(.+)\.EFI$/.exec(removableLoader)?.[1]?.toLowerCase() ?? '';
  const named = (name: string) => new RegExp(`(?:^|/)${name}${suffix}\\.efi(?:\\.signed)?(?:\\.latest)?$`, 'i');
  const paths = [...index.files.keys(), ...index.links.keys()].toSorted();
  const matching = (pattern: RegExp) => paths.filter((path) => pattern.test(path)).map((path) => `/${path}`);
  const installer = firstProgram(index, grubInstallers);
  const modules = ['usr/lib/grub', 'usr/lib/grub2', 'usr/share/grub2', 'usr/share/grub']
    .map((directory) => `${directory}/${grubTarget}`)
    .find((directory) => fileAt(index, `${directory}/modinfo.sh`) !== undefined);
  return {
    ...(installer === undefined ? {} : { installer: `/${installer}` }),
    ...(modules === undefined ? {} : { modules: `/${modules}` }),
    shims: matching(named('shim')),
    grubs: matching(named('grub')),
    espFiles: matching(/^boot\/efi\/./).slice(0, shownEspFiles),
  };
}

function selinuxOf(index: RootIndex): Pick<RootFacts, 'selinux'> {
  const config = textOf(index, 'etc/selinux/config');
  if (config === undefined) return {};
  const mode = /^\s*SELINUX=\s*(\w+)/m.exec(config)?.[1] ?? 'enforcing';
  return { selinux: { mode, setfiles: firstProgram(index, setfilesPrograms) !== undefined } };
}

/** @returns the path, with its links followed, of the first that is there and may be executed */
function firstProgram(index: RootIndex, paths: readonly string[]): string | undefined {
  return paths.map((path) => fileAt(index, path)).find((found) => found?.file.executable === true)?.path;
}

function textOf(index: RootIndex, path: string): string | undefined {
  return fileAt(index, path)?.file.text;
}

function fileAt(index: RootIndex, path: string): { path: string; file: IndexedFile } | undefined {
  const resolved = resolvePath(index.links, path);
  const file = resolved === undefined ? undefined : index.files.get(resolved);
  return resolved === undefined || file === undefined ? undefined : { path: resolved, file };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
