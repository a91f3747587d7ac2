import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { run } from '@pxeboot/config/run';

import { needs } from './requirements.ts';
import { writeTree } from './tree.ts';

export const chrootNeeds = needs('busybox', 'ldd', 'chroot');
const timeoutMs = 60_000;

/** A root file system with these files, a shell, and a script in the place of a program that runs in it. */
export async function systemWith(
  context: TestContext,
  files: Record<string, string>,
  program: string,
  script: string,
): Promise<string> {
  const directory = await writeTree(context, { ...files, [program]: script });
  // A shell with its libraries.
  const copy = 'cp --parents "$0" $(ldd "$0" | grep -o "/[^ ]*") "$1"';
  await run('sh', ['-c', copy, '/usr/bin/busybox', directory], { timeoutMs });
  await mkdir(join(directory, 'bin'));
  for (const applet of ['sh', 'mkdir', 'cp']) await symlink('/usr/bin/busybox', join(directory, 'bin', applet));
  await chmod(join(directory, program), 0o755);
  return directory;
}
