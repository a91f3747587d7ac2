/** What an import looks at, as paths of the system: the files themselves and the links that lead to them. A star at the end stands for
 * anything, also for what is in a directory. */
export const lookedAt = [
  ...['bin', 'sbin', 'lib', 'usr/sbin', 'usr/bin', 'usr/lib', 'etc', 'boot'],
  // Of a container image's archive.
  ...['oci-layout', 'manifest.json'],
  ...[
    'etc/os-release',
    'usr/lib/os-release',
    'bin/sh',
    'usr/bin/sh',
    'bin/dash',
    'usr/bin/dash',
    'bin/bash',
    'usr/bin/bash',
  ],
  ...['sbin/init', 'usr/sbin/init', 'bin/init', 'usr/bin/init', 'lib/systemd/systemd', 'usr/lib/systemd/systemd'],
  ...['boot/vmlinuz*', 'boot/vmlinux*', 'boot/initrd*', 'boot/initramfs*', 'lib/modules*', 'usr/lib/modules*'],
];

/** @param path of the system, without a slash at its beginning */
export function isLookedAt(path: string): boolean {
  return lookedAt.some((one) => (one.endsWith('*') ? path.startsWith(one.slice(0, -1)) : path === one));
}
