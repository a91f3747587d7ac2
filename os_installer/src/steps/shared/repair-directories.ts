import { chmod, chown, stat } from 'node:fs/promises';

import type { Context } from '../../context.ts';

/** Directories that every system has, with their modes: hier(7), and file-hierarchy(7) for those that all may write to. A tarball made of
 * a directory of mktemp(1) has `/` with mode 0700; one that was made without its temporary files has none of them. */
const directories: [string, number][] = [
  ['', 0o755],
  ['etc', 0o755],
  ['usr', 0o755],
  ['var', 0o755],
  ['tmp', 0o1777],
  ['var/tmp', 0o1777],
];

/** Gives the system's main directories to root, with modes that its services need, and tells what was wrong. One that everybody may enter
 * and nobody else may change stays as it is: Fedora's `/` has 0555. */
export async function repairDirectories({ system, warn }: Pick<Context, 'system' | 'warn'>): Promise<void> {
  for (const [path, mode] of directories) {
    const directory = (await system.has(path)) ? await system.resolve(path) : await system.makeDirectory(path);
    const { uid, gid, mode: found } = await stat(directory);
    const wrongMode = mode === 0o1777 ? (found & 0o1777) !== mode : (found & 0o555) !== 0o555 || (found & 0o022) !== 0;
    if (uid === 0 && gid === 0 && !wrongMode) continue;
    await chown(directory, 0, 0);
    await chmod(directory, mode);
    const was = `mode ${(found & 0o7777).toString(8).padStart(4, '0')}, user ${uid} and group ${gid}`;
    warn(
      `"/${path}" of the root file system had ${was}; it has mode ${mode.toString(8).padStart(4, '0')} and is root's now`,
    );
  }
  const passwd = await stat(await system.resolve('etc/passwd')).catch(() => undefined);
  if (passwd === undefined || passwd.uid === 0) return;
  warn(
    `/etc/passwd of the root file system belongs to user ${passwd.uid}, and so may more: sudo and sshd refuse that; pack it again as root`,
  );
}
