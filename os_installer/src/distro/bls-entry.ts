import type { KernelBoot } from './distro.ts';
import { kernelOptions } from './kernel-cmdline.ts';

/** Where a system keeps what the Boot Loader Specification calls type 1 entries. */
export const blsDirectory = 'boot/loader/entries';

/** The text of an entry that starts its kernel with our root: the image's names the disk that it was made on, and its paths are those
 * of a partition of its own for /boot.
 * @see Boot Loader Specification, "Type #1 Boot Loader Specification Entries" */
export function rewriteBlsEntry(text: string, boot: KernelBoot): string {
  const lines = text.split('\n').flatMap((line) => {
    const [, key = '', value = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (key === 'options') return [];
    if (key !== 'linux' && key !== 'initrd') return [line];
    return [`${key} ${value.split(/\s+/).map(belowBoot).join(' ')}`];
  });
  return `${lines.join('\n').trimEnd()}\noptions ${kernelOptions(boot)}\n`;
}

/** A variable, as Fedora's `$tuned_initrd`, is left as it is. */
function belowBoot(path: string): string {
  return path.startsWith('/') && !path.startsWith('/boot/') ? `/boot${path}` : path;
}
