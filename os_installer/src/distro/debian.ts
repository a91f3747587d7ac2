import type { Distro } from './distro.ts';

/** Debian, Ubuntu, and what is made from them. */
export const debian: Distro = {
  family: 'debian',
  members: ['Debian', 'Ubuntu'],
  osIds: ['debian', 'ubuntu'],

  kernelPath: (release) => `boot/vmlinuz-${release}`,

  /** With `update_initramfs=no` in its configuration, update-initramfs passes over "-u" and says that all went well. */
  initramfs: (release) => ({
    initrd: `boot/initrd.img-${release}`,
    program: { name: 'update-initramfs', path: 'usr/sbin/update-initramfs', package: 'initramfs-tools' },
    settings: 'etc/initramfs-tools',
    create: ['update-initramfs', '-c', '-k', release],
    update: ['update-initramfs', '-u', '-k', release],
  }),

  bootLoader: () => ({
    program: { name: 'grub-install', path: 'usr/sbin/grub-install', package: 'grub-efi' },
    /** Puts the loader under the removable path too. Ubuntu's grub-install does that unless it is given
     * `--no-extra-removable`, and exits with 64 for Debian's option. The other options that we give are in every GRUB 2
     * (util/grub-install.c). */
    optionalOptions: ['--force-extra-removable'],
    files: [{ path: 'boot/grub/grub.cfg', format: 'grub.cfg' }],
  }),

  /** Makes later runs of update-grub keep what the installer's own grub.cfg has. */
  bootDefaults: (kernelArgs) => ({
    path: 'etc/default/grub.d/90-pxeboot.cfg',
    text: [
      '# Written by the installer.',
      'GRUB_TIMEOUT=1',
      'GRUB_TERMINAL=console',
      'GRUB_CMDLINE_LINUX_DEFAULT=',
      // Single quotes: update-grub reads this file as shell, and the schema admits no quotes in arguments.
      `GRUB_CMDLINE_LINUX='${kernelArgs.join(' ')}'`,
      '',
    ].join('\n'),
  }),
};
