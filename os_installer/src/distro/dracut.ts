import type { InitramfsMaker } from './distro.ts';

/** dracut, with drivers for all kinds of machines: what it finds while the installer runs is not what the system will see.
 * @see dracut(8) */
export function dracut(initrd: string, release: string): InitramfsMaker {
  const make = ['dracut', '--force', '--no-hostonly', `/${initrd}`, release];
  return {
    program: { name: 'dracut', path: 'usr/bin/dracut', package: 'dracut' },
    settings: 'etc/dracut.conf.d',
    create: make,
    update: make,
  };
}
