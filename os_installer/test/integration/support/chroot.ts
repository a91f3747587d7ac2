import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

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
  await copyProgram('/usr/bin/busybox', directory);
  await mkdir(join(directory, 'bin'));
  for (const applet of ['sh', 'mkdir', 'cp']) await symlink('/usr/bin/busybox', join(directory, 'bin', applet));
  await chmod(join(directory, program), 0o755);
  return directory;
}

/** A root file system that has nothing but one of this machine's own programs. */
export async function systemWithOwn(context: TestContext, program: string): Promise<string> {
  const directory = await writeTree(context, {});
  await copyProgram(program, directory);
  return directory;
}

/** Its libraries too. */
async function copyProgram(program: string, directory: string): Promise<void> {
  const copy = 'cp --parents "$0" $(ldd "$0" | grep -o "/[^ ]*") "$1"';
  await run('sh', ['-c', copy, program, directory], { timeoutMs });
}
