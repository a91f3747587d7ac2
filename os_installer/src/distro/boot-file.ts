import type { BootEntry } from './boot-entry.ts';
import { grubCfg } from './grub-cfg.ts';

/** The formats of files that tell a boot loader what to start. */
const formats = { 'grub.cfg': grubCfg };

export type BootFileFormat = keyof typeof formats;

/** The text of a file that tells the boot loader what to start. */
export function bootFileText(format: BootFileFormat, entry: BootEntry): string {
  return formats[format](entry);
}
