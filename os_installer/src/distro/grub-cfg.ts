import type { BootEntry } from './boot-entry.ts';

/** The text of a grub.cfg with one entry: boots one kernel at once. `update-grub` replaces it when the system gets another kernel.
 * @see GRUB manual, "Writing full configuration files directly" */
export function grubCfg({ title, rootUuid, kernel, initrd, kernelArgs }: BootEntry): string {
  const linux = [`/${kernel}`, `root=UUID=${rootUuid}`, 'ro', ...kernelArgs.map(quoteWord)].join(' ');
  return `# Written by the installer; update-grub replaces it.
set default=0
set timeout=1
insmod part_gpt
insmod ext2
search --no-floppy --fs-uuid --set=root ${rootUuid}

menuentry '${title.replaceAll("'", '')}' {
	linux ${linux}
	initrd /${initrd}
}
`;
}

/** GRUB manual, "Quoting": characters that its shell would take for its own. The schema admits no quotes in arguments. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}
