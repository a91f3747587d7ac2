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
