import type { BootEntry } from './boot-entry.ts';

/** The text of a grub.cfg with one entry: boots one kernel at once. It is written again when the system gets another kernel, by
 * `update-grub` or by `kernelHook`.
 * @see GRUB manual, "Writing full configuration files directly" */
export function grubCfg({ title, rootUuid, kernel, initrd, kernelArgs }: BootEntry): string {
  const linux = [`/${kernel}`, `root=UUID=${rootUuid}`, 'ro', ...kernelArgs.map(quoteWord)].join(' ');
  return `${grubCfgHead(rootUuid)}
menuentry '${title.replaceAll("'", '')}' {
	linux ${linux}
	initrd /${initrd}
}
`;
}

/** What comes before the entries. Kernels of arm64 may be packed with gzip, as Ubuntu's are. */
export function grubCfgHead(rootUuid: string): string {
  return `# Written by the installer, and again when the system gets another kernel.
set default=0
set timeout=1
insmod part_gpt
insmod gzio
insmod ext2
search --no-floppy --fs-uuid --set=root ${rootUuid}
`;
}

/** The text of a grub.cfg on the ESP: goes on with the one in the system.
 * @param directory of GRUB's files in the system, without its first slash */
export function grubCfgOnEsp(rootUuid: string, directory: string): string {
  return `search --no-floppy --fs-uuid --set=root ${rootUuid}
set prefix=($root)/${directory}
configfile $prefix/grub.cfg
`;
}

/** GRUB manual, "Quoting": characters that its shell would take for its own. The schema admits no quotes in arguments. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}
