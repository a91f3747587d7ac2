import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { ImageFiles } from '../../definitions/image-choice.ts';
import { run } from '../../host/run.ts';
import { needs } from '../support/requirements.ts';

const program = `
  import { createImageStore } from ${JSON.stringify(join(import.meta.dirname, '../../definitions/read/image-files.ts'))};
  console.log(JSON.stringify(await createImageStore(process.argv[1]).list('ubuntu-24.04', 'x86_64')));`;

/** As user nobody, who has no more rights than the container's services. */
async function listAsNobody(imagesDir: string): Promise<ImageFiles> {
  const words = ['--reuid=65534', '--regid=65534', '--clear-groups', '--', process.execPath];
  const { stdout } = await run('setpriv', [...words, '--input-type=module', '-e', program, imagesDir], {
    timeoutMs: 20_000,
  });
  return JSON.parse(stdout) as ImageFiles;
}

test("a kernel that is root's alone, and a link that leads nowhere, are unreadable", needs('setpriv'), async () => {
  const imagesDir = await mkdtemp(join(tmpdir(), 'images-'));
  try {
    await chmod(imagesDir, 0o755);
    const directory = join(imagesDir, 'ubuntu-24.04/x86_64');
    await mkdir(directory, { recursive: true });
    for (const name of ['modules.cpio.gz', 'vmlinuz-6.8.0-87-generic']) await writeFile(join(directory, name), 'x');
    await chmod(join(directory, 'vmlinuz-6.8.0-87-generic'), 0o600);
    await symlink('../elsewhere', join(directory, 'rootfs.tar.gz'));
    await symlink('modules.cpio.gz', join(directory, 'good-link'));
    await symlink('/etc/passwd', join(directory, 'initrd.img'));
    await symlink('../../../../../../etc/passwd', join(directory, 'vmlinuz'));

    const { names, unreadable, outside } = await listAsNobody(imagesDir);

    assert.equal(names.length, 6);
    assert.deepEqual(outside?.toSorted(), ['initrd.img', 'vmlinuz']);
    assert.deepEqual(unreadable?.toSorted(), ['rootfs.tar.gz', 'vmlinuz-6.8.0-87-generic']);
  } finally {
    await rm(imagesDir, { recursive: true });
  }
});
