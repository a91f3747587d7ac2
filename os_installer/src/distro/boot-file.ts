import { grubCfg } from './grub-cfg.ts';

/** What a boot loader starts. Paths are those of the system, without their first slash. */
export interface BootEntry {
  title: string;
  rootUuid: string;
  /** By which formats with several entries sort them. */
  release: string;
  kernel: string;
  initrd: string;
  kernelArgs: readonly string[];
}

/** The formats of files that tell a boot loader what to start. */
const formats = { 'grub.cfg': grubCfg };

export type BootFileFormat = keyof typeof formats;

/** The text of a file that tells the boot loader what to start. */
export function bootFileText(format: BootFileFormat, entry: BootEntry): string {
  return formats[format](entry);
}
