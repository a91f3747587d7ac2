import type { KernelBoot, SystemFile } from './distro.ts';

/** Where kernel-install(8), dracut and our own hook look for a kernel's command line. */
export const kernelCmdlinePath = 'etc/kernel/cmdline';

/** The command line that later kernels of the system are started with. */
export function kernelCmdlineFile(boot: KernelBoot): SystemFile {
  return { path: kernelCmdlinePath, text: `${kernelOptions(boot)}\n` };
}

/** A kernel's options: the root file system first. */
export function kernelOptions({ rootUuid, kernelArgs }: KernelBoot): string {
  return [`root=UUID=${rootUuid}`, 'ro', ...kernelArgs].join(' ');
}

/** The roots that a boot loader's configuration starts kernels with, other than ours.
 * @param text of a grub.cfg, a BLS entry or /etc/kernel/cmdline */
export function otherRoots(text: string, rootUuid: string): string[] {
  // GRUB's own variable of that name is a partition in its words.
  const lines = text.split('\n').filter((line) => !/^\s*(#|set\s)/.test(line));
  const roots = lines.flatMap((line) => line.match(/(?<=\s|^)root=\S+/g) ?? []);
  return roots.filter((root) => root.replaceAll('"', '') !== `root=UUID=${rootUuid}`);
}
