import type { Advice, ImageVerdict } from '../contract/published-images.ts';
import type { VmDefinition } from '../contract/vm-definition.ts';
import type { Fault, Result } from '../kit/fault.ts';
import { showValue } from '../kit/text.ts';
import type { Family } from './distro-family.ts';

/** What lies in a VM's image directory. */
export interface ImageFiles {
  /** As users know it: `images/debian-12/x86_64`. */
  directory: string;
  exists: boolean;
  names: readonly string[];
  /** Of these names: what is not for everybody to read, and links that lead nowhere. */
  unreadable?: readonly string[];
  /** Of these names: links that lead out of the images directory, which are not served. */
  outside?: readonly string[];
  /** What the server has found in it; absent: it has not been looked at, or could not be, and nothing is refused. */
  inspected?: InspectedImage;
}

/** What the content of an image directory means. */
export interface InspectedImage extends ImageVerdict {
  family?: Family;
}

/** What a definition says of its image. */
export type WantedImage = Pick<VmDefinition, 'arch' | 'distro' | 'kernel' | 'initrd'>;

export interface InstallFiles {
  /** The image directory's own. */
  distro: string;
  kernel: string;
  rootfs: string;
  modules: string;
}

export interface DirectBootFiles {
  /** The image directory's own. */
  distro: string;
  kernel: string;
  initrd: string;
}

const modulesName = 'modules.cpio.gz';
/** In order of preference: zstd is a fifth smaller than gzip and unpacks faster; xz and bzip2 take longest. */
export const rootfsNames = [
  'rootfs.tar.zst',
  'rootfs.tar.gz',
  'rootfs.tar.xz',
  'rootfs.tar.bz2',
  'rootfs.tar',
] as const;
/** What programs call a file that they have not finished: wget and browsers, curl, aria2, rsync, editors. */
const unfinishedName = /(?:\.(?:part|partial|tmp|temp|download|crdownload|aria2|new|swp)|~)$/i;
/** The same names that a definition may hold. */
const safeName = /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,127}$/;
/** How the five names are written in messages. */
const rootfsPattern = 'rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar';
const byVersion = new Intl.Collator('en', { numeric: true });

/** The files an installation needs, or everything that is missing and all that is wrong with their content. */
export function chooseInstallFiles(vm: WantedImage, image: ImageFiles): Result<InstallFiles> {
  const { distro } = vm;
  if (distro === undefined) return { ok: false, faults: [missingDistro] };
  if (!image.exists) return { ok: false, faults: [missingDirectory(vm, image)] };
  const kernel = chooseKernel(vm, image);
  const rootfs = chooseRootfs(image.names);
  const faults: Fault[] = [];
  if (kernel === undefined) faults.push(missingBootFile(vm, 'kernel', 'vmlinuz*', image));
  if (rootfs === undefined) faults.push(missingFile(vm, rootfsPattern, image));
  if (!image.names.includes(modulesName)) faults.push(missingFile(vm, modulesName, image));
  faults.push(...unreadableFiles(vm, [kernel, rootfs, modulesName], image), ...contentFaults(vm, kernel, image));
  if (kernel === undefined || rootfs === undefined || faults.length > 0) return { ok: false, faults };
  return { ok: true, value: { distro, kernel, rootfs, modules: modulesName } };
}

/** The distribution's own kernel and initrd, or everything that is missing. */
export function chooseDirectBootFiles(vm: WantedImage, image: ImageFiles): Result<DirectBootFiles> {
  const { distro } = vm;
  if (distro === undefined) return { ok: false, faults: [missingDistro] };
  if (!image.exists) return { ok: false, faults: [missingDirectory(vm, image)] };
  const kernel = chooseKernel(vm, image);
  const initrd = chooseInitrd(vm, kernel, image);
  const faults: Fault[] = [];
  if (kernel === undefined) faults.push(missingBootFile(vm, 'kernel', 'vmlinuz*', image));
  if (initrd === undefined) faults.push(missingBootFile(vm, 'initrd', 'initrd* or initramfs*', image));
  faults.push(...unreadableFiles(vm, [kernel, initrd], image));
  if (kernel === undefined || initrd === undefined || faults.length > 0) return { ok: false, faults };
  return { ok: true, value: { distro, kernel, initrd } };
}

/** The tarball that is installed, of those that lie in an image directory. */
export function chooseRootfs(names: readonly string[]): string | undefined {
  return rootfsNames.find((name) => names.includes(name));
}

/** True of a file that somebody is still writing, by its name. */
export function isUnfinished(name: string): boolean {
  return unfinishedName.test(name);
}

function chooseKernel(vm: WantedImage, image: ImageFiles): string | undefined {
  if (vm.kernel !== undefined) return image.names.find((name) => name === vm.kernel);
  return newestKernel(image.names);
}

/** The kernel that a definition without "kernel" means. */
export function newestKernel(names: readonly string[]): string | undefined {
  return newest(names.filter((name) => name.startsWith('vmlinuz')));
}

/** Without a name in the definition: the initrd of the kernel's version, else the newest. */
function chooseInitrd(vm: WantedImage, kernel: string | undefined, image: ImageFiles): string | undefined {
  if (vm.initrd !== undefined) return image.names.find((name) => name === vm.initrd);
  const candidates = image.names.filter((name) => /^(?:initrd|initramfs)/.test(name));
  const version = kernel?.replace(/^vmlinuz-?/, '') ?? '';
  const ofKernel = candidates.filter((name) => version !== '' && withoutInitrdAffixes(name) === version);
  return newest(ofKernel.length > 0 ? ofKernel : candidates);
}

/** `initrd.img-6.1.0-56-amd64` and `initramfs-6.8.5-301.fc40.x86_64.img` -> the kernel's version. */
function withoutInitrdAffixes(name: string): string {
  return name.replace(/^(?:initrd|initramfs)(?:\.img)?-?/, '').replace(/\.img$/, '');
}

function newest(names: readonly string[]): string | undefined {
  const usable = names.filter((name) => safeName.test(name) && !name.endsWith('.old') && !isUnfinished(name));
  return usable.toSorted((a, b) => byVersion.compare(a, b)).at(-1);
}

const missingDistro: Fault = {
  file: '',
  path: '/distro',
  value: '',
  problem: 'its definition has no "distro", so there is nothing to boot',
  fix: 'add "distro", the name of a directory under images/ such as "debian-12"',
};

function missingDirectory(vm: WantedImage, image: ImageFiles): Fault {
  return faultOf(
    vm,
    'distro',
    `the directory ${image.directory} is missing`,
    `run "pvmlab distro pull" for ${vm.distro ?? ''} (${vm.arch}), put the files there, or correct "distro" or "arch"`,
  );
}

/** Ubuntu's kernels, for one, are root's alone where they were copied with their mode. */
function unreadableFiles(
  vm: WantedImage,
  chosen: readonly (string | undefined)[],
  { directory, unreadable = [], outside = [] }: ImageFiles,
): Fault[] {
  const needed = (names: readonly string[]): string[] => names.filter((name) => chosen.includes(name));
  const fix = 'let everybody read it ("chmod a+r"); a link must lead to a file that is there';
  const linkFix = 'put the file, or a hard link to it, in the place of the link';
  return [
    ...needed(unreadable).map((name) =>
      faultOf(vm, 'distro', `${directory}/${name} cannot be read by the web server`, fix),
    ),
    ...needed(outside).map((name) =>
      faultOf(vm, 'distro', `${directory}/${name} is behind a link that leads out of the images directory`, linkFix),
    ),
  ];
}

/** Why an image's content certainly fails to install; empty when it is sound, or not known. */
function contentFaults(vm: WantedImage, kernel: string | undefined, { directory, inspected }: ImageFiles): Fault[] {
  if (inspected === undefined) return [];
  const faults = inspected.faults.map(({ problem, fix }) => faultOf(vm, 'distro', problem, fix));
  if (kernel === undefined || !inspected.kernelsWithoutModules.includes(kernel)) return faults;
  const field = vm.kernel === undefined ? 'distro' : 'kernel';
  const ownRelease = inspected.misnamedKernels?.[kernel];
  const { problem, fix } = withoutModules(kernel, ownRelease, directory);
  const andThere = vm.kernel !== undefined && ownRelease !== undefined ? ', and write that name as "kernel"' : '';
  return [...faults, faultOf(vm, field, problem, fix + andThere)];
}

/** @param ownRelease that the kernel itself tells and has modules; absent: its file name says the same, or there are none */
function withoutModules(kernel: string, ownRelease: string | undefined, directory: string): Advice {
  if (ownRelease === undefined) {
    const problem = `${directory} has no modules for ${kernel}, neither with an index (modules.dep) in its root file system nor in ${modulesName}`;
    return { problem, fix: 'use kernel, root file system and modules of one version' };
  }
  const named = kernel.replace(/^vmlinu[xz]-/, '');
  const problem = `${directory}/${kernel} is a kernel of release ${ownRelease}, and its file name says "${named}", of which there are no modules`;
  return { problem, fix: `rename it to vmlinuz-${ownRelease}` };
}

function missingFile(vm: WantedImage, name: string, image: ImageFiles): Fault {
  return faultOf(vm, 'distro', `${image.directory} has no ${name}`, `put ${name} there`);
}

function missingBootFile(vm: WantedImage, field: 'kernel' | 'initrd', pattern: string, image: ImageFiles): Fault {
  const name = vm[field];
  if (name === undefined) return missingFile(vm, pattern, image);
  const prefix = field === 'kernel' ? /^vmlinuz/ : /^(?:initrd|initramfs)/;
  const present = image.names
    .filter((candidate) => prefix.test(candidate) && safeName.test(candidate) && !isUnfinished(candidate))
    .slice(0, 3);
  const has = present.length > 0 ? `; it has ${present.join(', ')}` : '';
  const fix = `correct "${field}", remove it to use the newest ${pattern}, or put the file there`;
  return faultOf(vm, field, `${image.directory} has no "${name}"${has}`, fix);
}

/** A fault of the field that says where the image is, or what it is called there. */
function faultOf(vm: WantedImage, field: 'distro' | 'kernel' | 'initrd', problem: string, fix: string): Fault {
  return { file: '', path: `/${field}`, value: showValue(vm[field]), problem, fix };
}
