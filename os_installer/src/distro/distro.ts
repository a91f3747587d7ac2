import type { BootFileFormat } from './boot-file.ts';

/** How a family of distributions makes a system bootable. A plan takes from it what its steps need, as data. Paths are those of
 * the new system, without their first slash. */
export interface Distro {
  family: string;
  /** Names of its best known members, for people. */
  members: readonly string[];
  /** Values of ID and ID_LIKE that systems of this family have: os-release(5). */
  osIds: readonly string[];
  kernelPath(release: string): string;
  initramfs(release: string): InitramfsTools;
  bootLoader(release: string): BootLoaderTools;
  /** What keeps the kernel's arguments when the system gets another kernel. */
  bootDefaults(kernelArgs: readonly string[]): SystemFile;
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
  program: Program;
  /** Where the program is told what to leave out. */
  settings: string;
  /** Makes one where there is none, whatever else is set. */
  create: string[];
  /** Makes one in place of another. */
  update: string[];
}

export interface BootLoaderTools {
  /** Is GRUB 2's program that puts it onto the ESP, whatever its name. */
  program: Program;
  /** Options that not every distribution of the family has; they are given when the help lists them. */
  optionalOptions: string[];
  /** What tells the boot loader which kernel to start. */
  files: { path: string; format: BootFileFormat }[];
}

export interface SystemFile {
  path: string;
  text: string;
}
