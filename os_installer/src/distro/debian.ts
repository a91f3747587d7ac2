import type { Distro } from './distro.ts';
import { dracut } from './dracut.ts';
import { grubDefaults } from './grub-defaults.ts';
import { kernelCmdlineFile } from './kernel-cmdline.ts';

/** Debian, Ubuntu, and what is made from them. */
export const debian: Distro = {
  family: 'debian',

  kernelPath: (release) => `boot/vmlinuz-${release}`,

  initramfs(release) {
    const initrd = `boot/initrd.img-${release}`;
    return {
      initrd,
      makers: [
        /** With `update_initramfs=no` in its configuration, update-initramfs passes over "-u" and says that all went well. */
        {
          program: { name: 'update-initramfs', path: 'usr/sbin/update-initramfs', package: 'initramfs-tools' },
          settings: 'etc/initramfs-tools',
          create: ['update-initramfs', '-c', '-k', release],
          update: ['update-initramfs', '-u', '-k', release],
          resume: {
            places: ['etc/initramfs-tools/initramfs.conf', 'etc/initramfs-tools/conf.d'],
            none: { path: 'etc/initramfs-tools/conf.d/zz-pxeboot', text: '# Written by the installer.\nRESUME=none\n' },
          },
        },
        dracut(initrd, release),
      ],
    };
  },

  grub: {
    directory: 'boot/grub',
    installer: { name: 'grub-install', path: 'usr/sbin/grub-install', package: 'grub-efi' },
    /** Puts the loader under the removable path too. Ubuntu's grub-install does that unless it is given
     * `--no-extra-removable`, and exits with 64 for Debian's option. The other options that we give are in every GRUB 2
     * (util/grub-install.c). */
    optionalOptions: ['--force-extra-removable'],
    updater: 'usr/sbin/update-grub',
  },

  /** update-grub reads the files of this directory in the order of their names: images bring theirs as 40-….cfg to 99-….cfg. */
  bootSettings: (boot) => [
    { path: 'etc/default/grub.d/zz-pxeboot.cfg', text: grubDefaults(boot) },
    kernelCmdlineFile(boot),
  ],
};
