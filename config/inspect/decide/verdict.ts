import type { Arch } from '../../contract/architecture.ts';
import type { ImageFacts } from '../../contract/image-facts.ts';
import type { Advice, ImageVerdict, Remark } from '../../contract/published-images.ts';
import { familyMembers, families } from '../../definitions/distro-family.ts';
import { quoteIfOdd } from '../../kit/text.ts';
import type { RootIndex } from './root-index.ts';

/** The image directory that facts are about. */
export interface ImagePlace {
  /** As users know it: `images/debian-12/x86_64`. */
  directory: string;
  arch: Arch;
}

/** What the facts of an image mean for an installation. A fault is what certainly makes it fail; all else is a warning.
 * @param index what the facts were taken from, for what is at its top and whether all of it was remembered */
export function judgeImage(facts: ImageFacts, index: RootIndex, place: ImagePlace): ImageVerdict {
  const archive = `${place.directory}/${facts.rootfs}`;
  const escapes = escapeFaults(facts, archive);
  const noRoot = rootFault(index, archive);
  if (noRoot !== undefined) return { faults: [...escapes, noRoot], warnings: [], kernelsWithoutModules: [] };
  const lacking = kernelsWithoutModules(facts, place);
  return {
    faults: [...escapes, ...(index.complete ? systemFaults(facts, archive, place) : [])],
    warnings: [
      ...(index.complete ? systemWarnings(facts, archive, place) : [tooLarge(archive)]),
      ...rootWarnings(facts, archive),
      ...lacking.warnings,
    ],
    kernelsWithoutModules: lacking.files,
    ...(lacking.misnamed.length === 0 ? {} : { misnamedKernels: Object.fromEntries(lacking.misnamed) }),
  };
}

function escapeFaults({ escapes }: ImageFacts, archive: string): Advice[] {
  if (escapes.length === 0) return [];
  const problem = `${archive} has entries that lead out of the root file system: ${escapes.slice(0, 3).join('; ')}`;
  return [{ problem, fix: 'pack it again inside the root directory, as "tar -C <root> -c ." does' }];
}

function rootFault({ top, files }: RootIndex, archive: string): Advice | undefined {
  if (top.has('etc') && (top.has('usr') || top.has('bin'))) return undefined;
  const inside = [...files.keys()].map((path) => /^(.+)\/(?:etc|usr\/lib)\/os-release$/.exec(path)?.[1]);
  const nested = inside.find((path) => path !== undefined && !path.endsWith('/usr'));
  if (nested !== undefined) {
    const problem = `${archive} holds a root file system in its directory "${nested}", not at its top`;
    return { problem, fix: `pack it again inside that directory: "tar -C ${nested} -c ."` };
  }
  const first = [...top].slice(0, 5).map(quoteIfOdd).join(', ');
  const problem = `${archive} holds no root file system: at its top ${first === '' ? 'is nothing' : `are ${first}`}`;
  return { problem, fix: 'put the tarball of a whole root file system there, with etc and usr at its top' };
}

function systemFaults(facts: ImageFacts, archive: string, { arch, directory }: ImagePlace): Advice[] {
  const faults: Advice[] = [];
  if (facts.family === undefined) faults.push(familyFault(facts, archive));
  if (facts.architecture !== undefined && facts.architecture !== arch) {
    const problem = `${archive} holds a system for ${facts.architecture}, and its directory is for ${arch}`;
    faults.push({
      problem,
      fix: `put it into ${directory.replace(/[^/]+$/, facts.architecture)}, or fetch the other one`,
    });
  }
  if (facts.init === undefined) {
    const problem = `${archive} has no init program: neither /sbin/init nor /usr/lib/systemd/systemd can be executed`;
    faults.push({
      problem,
      fix: 'use the image of a whole system (a container image has none), or install systemd in it',
    });
  }
  return faults;
}

function familyFault({ osRelease }: ImageFacts, archive: string): Advice {
  const names = families.map((family) => familyMembers[family].names.join(', ')).join('; ');
  const fix = `use one of these or of what is derived from them: ${names}`;
  if (osRelease === undefined) return { problem: `${archive} does not say what it is: it has no /etc/os-release`, fix };
  const { id, prettyName } = osRelease;
  return { problem: `${archive} is ${quoteIfOdd(prettyName)} (ID "${id}"), which cannot be installed yet`, fix };
}

function systemWarnings(facts: ImageFacts, archive: string, { arch }: ImagePlace): Remark[] {
  const warnings: Remark[] = [];
  const { installer, modules, shims, grubs } = facts.bootLoader;
  const signed = shims.length > 0 && grubs.length > 0;
  if (installer === undefined && !signed) {
    const problem = `${archive} has no GRUB, so the installer puts its own there, and no update renews it`;
    warnings.push({
      level: 'note',
      problem,
      fix: "nothing to do; the distribution's GRUB for EFI in the image makes it the system's own",
    });
  } else if (modules === undefined && !signed) {
    const problem = `${archive} has GRUB, but none for EFI on ${arch}, so the installer puts its own there`;
    warnings.push({
      level: 'note',
      problem,
      fix: `nothing to do, or install the package of GRUB for EFI (${grubPackages[arch]}) in the image`,
    });
  }
  if (!facts.cloudInit) {
    const problem = `${archive} has no cloud-init, so neither the user nor the SSH key of the definition is set up`;
    warnings.push({ level: 'warning', problem, fix: 'use a cloud image, or install cloud-init in it' });
  }
  if (facts.initramfsProgram === undefined) {
    const problem = `${archive} has neither update-initramfs nor dracut, so an initramfs that lacks what the disk needs stays so`;
    warnings.push({ level: 'note', problem, fix: 'install initramfs-tools or dracut in the image' });
  }
  return warnings;
}

const grubPackages: Record<Arch, string> = {
  x86_64: 'grub-efi-amd64 or grub2-efi-x64',
  aarch64: 'grub-efi-arm64 or grub2-efi-aa64',
};

function rootWarnings({ root }: ImageFacts, archive: string): Remark[] {
  if (root === undefined || (root.mode === '0755' && root.uid === 0 && root.gid === 0)) return [];
  const problem = `${archive} has "./" with mode ${root.mode} of user ${root.uid} and group ${root.gid}; "/" becomes 0755 of root`;
  return [{ level: 'note', problem, fix: 'nothing to do; the tarball was made of a directory with that mode' }];
}

function tooLarge(archive: string): Remark {
  const problem = `${archive} has more links and programs than are remembered, so what it lacks was not judged`;
  return { level: 'note', problem, fix: 'nothing to do' };
}

interface Lacking {
  warnings: Remark[];
  /** Of the image directory. */
  files: string[];
  misnamed: (readonly [file: string, ownRelease: string])[];
}

/** Kernels for which no modules are there that the installer would take: with an index in the root file system, or in a directory of
 * their release in modules.cpio.gz. A kernel that the installer boots then fails; one of the root file system need not be booted, or
 * may have all that it needs built in. Where modules.cpio.gz cannot be read, or a kernel does not tell its release, nothing is certain. */
function kernelsWithoutModules(facts: ImageFacts, { directory }: ImagePlace): Lacking {
  const { modulesArchive, kernels, bootKernels } = facts;
  if (modulesArchive === null) return { warnings: [], files: [], misnamed: [] };
  const have = new Set([...kernels.filter(({ index }) => index), ...modulesArchive].map(({ release }) => release));
  const inRoot = kernels.filter(({ kernel, release }) => kernel !== undefined && !have.has(release));
  const atBoot = bootKernels.filter(({ release }) => release !== undefined && !have.has(release));
  const list = [...have].slice(0, 3).join(', ');
  const there = list === '' ? 'there are none at all' : `there are those of ${list}`;
  return {
    warnings: inRoot.map(({ release }) => ({
      level: 'warning',
      problem: `${directory}: kernel ${release} of ${facts.rootfs} has no modules with an index (modules.dep), neither there nor in modules.cpio.gz; ${there}`,
      fix: 'use kernel, root file system and modules.cpio.gz of one version; nothing, if all that this kernel needs is built in',
    })),
    files: atBoot.map(({ file }) => file),
    misnamed: atBoot.flatMap(({ file, ownRelease = '' }) =>
      have.has(ownRelease) ? [[file, ownRelease] as const] : [],
    ),
  };
}
