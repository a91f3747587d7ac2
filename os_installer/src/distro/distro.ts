import type { Family } from '@pxeboot/config/definitions/distro-family';

/** How a family of distributions makes a system bootable. A plan takes from it what its steps need, as data. Paths are those of
 * the new system, without their first slash. */
export interface Distro {
  family: Family;
  kernelPath(release: string): string;
  initramfs(release: string): InitramfsTools;
  grub: GrubTools;
  /** What keeps root and arguments of the kernel when the system gets another kernel. */
  bootSettings(boot: KernelBoot): SystemFile[];
}

/** How a kernel is started. */
export interface KernelBoot {
  rootUuid: string;
  kernelArgs: readonly string[];
}

/** A program of the new system. */
export interface Program {
  name: string;
  path: string;
  /** Brings the program. */
  package: string;
}

export interface InitramfsTools {
  /** Where the initramfs is. */
  initrd: string;
  /** What can make one; the first that the system has is taken. */
  makers: InitramfsMaker[];
}

export interface InitramfsMaker {
  program: Program;
  /** Where the program is told what to leave out. */
  settings: string;
  /** Makes one where there is none, whatever else is set. */
  create: string[];
  /** Makes one in place of another. */
  update: string[];
  /** Where it is told which swap space the system wakes up from. */
  resume?: ResumeSettings;
}

/** Settings of hibernation, which an initramfs keeps: one that names a disk that is not there is waited for at each start. */
export interface ResumeSettings {
  /** Files and directories of files that may name the swap space, as `RESUME=`. */
  places: string[];
  /** Takes back what they say. */
  none: SystemFile;
}

export interface GrubTools {
  /** Where GRUB has its own files in the system; grub.cfg is there. */
  directory: string;
  /** Is GRUB 2's program that puts it onto the ESP, whatever its name. */
  installer: Program;
  /** Options that not every distribution of the family has; they are given when the help lists them. */
  optionalOptions: string[];
  /** Writes grub.cfg again when the system gets another kernel; absent: nothing that every GRUB can read. */
  updater?: string;
}

export interface SystemFile {
  path: string;
  text: string;
  /** The text is added to what the file has. */
  append?: boolean;
}
