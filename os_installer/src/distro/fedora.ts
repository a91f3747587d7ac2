import type { Distro } from './distro.ts';
import { dracut } from './dracut.ts';
import { grubDefaults } from './grub-defaults.ts';
import { kernelCmdlineFile } from './kernel-cmdline.ts';

/** Fedora, RHEL and what is made from them. Their GRUB reads BLS entries, others' do not: grub.cfg is written without them, and
 * again for each kernel. */
export const fedora: Distro = {
  family: 'fedora',

  kernelPath: (release) => `boot/vmlinuz-${release}`,

  initramfs(release) {
    const initrd = `boot/initramfs-${release}.img`;
    return { initrd, makers: [dracut(initrd, release)] };
  },

  grub: {
    directory: 'boot/grub2',
    installer: { name: 'grub2-install', path: 'usr/sbin/grub2-install', package: 'grub2-tools' },
    optionalOptions: [],
  },

  /** There is no directory of settings: the last assignment in the one file counts. */
  bootSettings: (boot) => [
    { path: 'etc/default/grub', text: grubDefaults(boot), append: true },
    kernelCmdlineFile(boot),
  ],
};
