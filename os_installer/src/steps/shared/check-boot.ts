import { stat } from 'node:fs/promises';

import { HostError, InputError } from '@pxeboot/config/kit/errors';

import type { Context } from '../../context.ts';
import { otherRoots } from '../../distro/kernel-cmdline.ts';
import { matchingPaths } from './matching.ts';

/** What the kernel starts first, unless its command line says otherwise (Linux, init/main.c). */
const init = 'sbin/init';

/** @throws InputError nothing would come after the kernel */
export async function requireInit(system: Context['system']): Promise<void> {
  const status = await stat(await system.resolve(init)).catch(() => undefined);
  if (status?.isFile() === true && (status.mode & 0o111) !== 0 && status.size > 0) return;
  const found = status === undefined ? 'is missing, or a link that leads nowhere' : 'is no program that may be run';
  throw new InputError(
    `check the installed system: "/${init}" ${found}, so that the kernel would stop after its own start; ` +
      "put an init program into the root file system: Debian's is in the package systemd-sysv, Fedora's in systemd",
  );
}

/** @param bootFiles patterns of what tells boot loaders which root to start with
 * @throws HostError one of them names another root, and the kernel would wait for a disk that is not there */
export async function requireOurRoot(
  { bootFiles, rootUuid }: { bootFiles: readonly string[]; rootUuid: string },
  system: Context['system'],
): Promise<void> {
  const paths = (await Promise.all(bootFiles.map((pattern) => matchingPaths(system, pattern)))).flat();
  for (const path of paths) {
    const others = otherRoots((await system.read(path)) ?? '', rootUuid);
    if (others.length === 0) continue;
    throw new HostError(
      `check the installed system: "/${path}" starts a kernel with ${others.map((root) => `"${root}"`).join(', ')} ` +
        `and the root file system is "root=UUID=${rootUuid}"`,
    );
  }
}
