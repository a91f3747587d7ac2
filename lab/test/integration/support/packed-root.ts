import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

import { run } from '@pxeboot/config/host/run';

const timeoutMs = 60_000;
export const release = '6.1.0-1-amd64';
export const modules = ['kernel/fs/ext4/ext4.ko', 'kernel/fs/jbd2/jbd2.ko', 'kernel/sound/snd.ko'];
const lists = ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'];

/** Packs a root file system with a kernel and modules that are none, for build-debian.sh. */
export async function packRoot(context: TestContext): Promise<{ directory: string; rootfs: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'build-debian-'));
  context.after(() => rm(directory, { recursive: true }));
  const folder = `usr/lib/modules/${release}`;
  const files: Record<string, string> = {
    [`boot/vmlinuz-${release}`]: 'kernel',
    [`boot/initrd.img-${release}`]: 'initramfs',
    [`${folder}/modules.dep`]: `${modules[0]}: ${modules[1]}\n${modules[1]}:\n${modules[2]}:\n`,
    ...Object.fromEntries([...modules, ...lists].map((path) => [`${folder}/${path}`, ''])),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, 'root', path)), { recursive: true });
    await writeFile(join(directory, 'root', path), content);
  }
  const rootfs = join(directory, 'rootfs.tar');
  await run('tar', ['-C', join(directory, 'root'), '-cf', rootfs, '.'], { timeoutMs });
  return { directory, rootfs };
}
