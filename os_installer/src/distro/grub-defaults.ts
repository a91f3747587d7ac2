import type { KernelBoot } from './distro.ts';

/** Settings of grub-mkconfig that win over what an image brings, so that grub.cfg still starts this system when it is written
 * again. Empty ones take back what names the disk that the image was made on.
 * @see GRUB manual, "Simple configuration handling"; GRUB_FORCE_PARTUUID: Ubuntu's 10_linux; GRUB_ENABLE_BLSCFG: Fedora's */
export function grubDefaults({ kernelArgs }: KernelBoot): string {
  return [
    '# Written by the installer.',
    'GRUB_DEFAULT=0',
    'GRUB_TIMEOUT=1',
    'GRUB_TIMEOUT_STYLE=menu',
    'GRUB_RECORDFAIL_TIMEOUT=1',
    'GRUB_TERMINAL=console',
    'GRUB_CMDLINE_LINUX_DEFAULT=',
    // Single quotes: the file is read as shell, and the schema admits no quotes in arguments.
    `GRUB_CMDLINE_LINUX='${kernelArgs.join(' ')}'`,
    'GRUB_FORCE_PARTUUID=',
    'GRUB_DISABLE_LINUX_UUID=',
    'GRUB_ENABLE_BLSCFG=false',
    '',
  ].join('\n');
}
