import type { KernelFacts, ModulesFacts } from '../../contract/image-facts.ts';
import { resolvePath } from './resolve-path.ts';
import type { RootIndex } from './root-index.ts';

const byVersion = new Intl.Collator('en', { numeric: true });

/** The newest release first. */
export function newestFirst<T extends { release: string }>(kernels: readonly T[]): T[] {
  return kernels.toSorted((a, b) => byVersion.compare(b.release, a.release));
}

/** Every release that has a kernel or modules in a root file system. */
export function findKernels(index: RootIndex): KernelFacts[] {
  const kernels = new Map<string, string>();
  const initramfses = new Map<string, string>();
  for (const path of [...index.files.keys(), ...index.links.keys()]) {
    const kernel = kernelIn(path);
    // Fedora has a copy next to the modules; the one in /boot is the one that is started.
    if (kernel !== undefined && (path.startsWith('boot/') || !kernels.has(kernel))) kernels.set(kernel, path);
    const initramfs = initramfsIn(path);
    if (initramfs !== undefined) initramfses.set(initramfs, path);
  }
  const releases = new Set([...kernels.keys(), ...[...index.modules.keys()].flatMap(releaseOfDirectory)]);
  const facts = [...releases].map((release) => ({
    release,
    ...at('kernel', kernels.get(release)),
    ...at('initramfs', initramfses.get(release)),
    ...modulesOf(index, release),
  }));
  return newestFirst(facts.filter(({ kernel, modules, index }) => kernel !== undefined || modules > 0 || index));
}

/** Modules of one release, wherever the links of the root file system have them. */
export function modulesOf(index: RootIndex, release: string): Omit<ModulesFacts, 'release'> {
  const places = ['lib/modules', 'usr/lib/modules'].map((place) => resolvePath(index.links, `${place}/${release}`));
  const found = [...new Set(places)].flatMap((place) => (place === undefined ? [] : (index.modules.get(place) ?? [])));
  return {
    modules: found.reduce((sum, { modules }) => sum + modules, 0),
    index: found.some((one) => one.index),
  };
}

function at<K extends string>(key: K, path: string | undefined): Partial<Record<K, string>> {
  const fields: Partial<Record<K, string>> = {};
  if (path !== undefined) fields[key] = `/${path}`;
  return fields;
}

/** What is never started by itself: what packages set aside, and the copy of a kernel that dracut and kernel-install keep for a rescue
 * (`0-rescue-<machine>`, `0-rescue`), whose release is the other's. */
const isSpare = /\.(?:old|bak|dpkg-\w+|rpm\w+)$|^0-rescue(?:-|$)/;

/** `boot/vmlinuz-R`, Fedora's `lib/modules/R/vmlinuz`, and `boot/<machine>/R/linux` of the Boot Loader Specification, type 1. */
function kernelIn(path: string): string | undefined {
  const match =
    /^boot\/vmlinu[xz]-(\d[^/]*)$/.exec(path) ??
    /^(?:usr\/)?lib\/modules\/([^/]+)\/vmlinuz$/.exec(path) ??
    /^boot\/(?:efi\/)?[\da-f]{32}\/([^/]+)\/linux$/.exec(path);
  const release = match?.[1];
  return release === undefined || isSpare.test(release) ? undefined : release;
}

/** As Debian and as Fedora name it. */
function initramfsIn(path: string): string | undefined {
  return (
    /^boot\/initrd\.img-(\d[^/]*)$/.exec(path)?.[1] ??
    /^boot\/initramfs-(\d[^/]*)\.img$/.exec(path)?.[1] ??
    /^boot\/(?:efi\/)?[\da-f]{32}\/([^/]+)\/initrd$/.exec(path)?.[1]
  );
}

function releaseOfDirectory(directory: string): string[] {
  const release = /^(?:usr\/)?lib\/modules\/([^/]+)$/.exec(directory)?.[1];
  return release === undefined ? [] : [release];
}
