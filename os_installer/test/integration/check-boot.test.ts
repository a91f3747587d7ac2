import assert from 'node:assert/strict';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { newSystemAt } from '../../src/new-system.ts';
import { requireInit, requireOurRoot } from '../../src/steps/shared/check-boot.ts';
import { writeTree } from './support/tree.ts';

async function withInit(context: TestContext, link: string, mode: number): Promise<ReturnType<typeof newSystemAt>> {
  const directory = await writeTree(context, { 'usr/lib/systemd/systemd': 'ELF', 'sbin/sulogin': '' });
  await chmod(join(directory, 'usr/lib/systemd/systemd'), mode);
  await symlink(link, join(directory, 'sbin/init'));
  return newSystemAt(directory);
}

test('an init program is found as the kernel finds it: by an absolute link inside the system', async (context) => {
  await requireInit(await withInit(context, '/usr/lib/systemd/systemd', 0o755));
});

test('one that is missing, leads nowhere or may not be run is not called a system', async (context) => {
  const systems = [
    newSystemAt(await writeTree(context, { 'etc/fstab': 'x' })),
    await withInit(context, '/lib/systemd/of-the-installer', 0o755),
    await withInit(context, '../usr/lib/systemd/systemd', 0o644),
  ];

  for (const system of systems) {
    await assert.rejects(
      requireInit(system),
      (error) => error instanceof InputError && /"\/sbin\/init" is/.test(error.message),
    );
  }
});

const [rootUuid, other] = ['0e2d9d0c-1111-4222-8333-444455556666', 'ffffffff-1111-4222-8333-444455556666'];
const patterns = ['boot/grub/grub.cfg', 'boot/loader/entries/*.conf', 'etc/kernel/cmdline'];

test('what starts kernels with our root passes, and so do lines that start none', async (context) => {
  const directory = await writeTree(context, {
    'boot/grub/grub.cfg': `search --set=root ${other}\nset root='hd0,gpt2'\n\tlinux\t/boot/vmlinuz root=UUID=${rootUuid} ro quiet\n`,
    'boot/loader/entries/a.conf': `title x\noptions root=UUID=${rootUuid} ro\n`,
    'etc/kernel/cmdline': `root=UUID=${rootUuid} ro\n`,
  });

  await requireOurRoot({ bootFiles: patterns, rootUuid }, newSystemAt(directory));
});

for (const [path, text] of Object.entries({
  'boot/grub/grub.cfg': `\tlinux\t/boot/vmlinuz root=PARTUUID=${other} ro\n`,
  'boot/loader/entries/b.conf': `options root=UUID=${other} ro rootflags=subvol=root\n`,
  'etc/kernel/cmdline': `quiet root=/dev/vda3\n`,
})) {
  test(`a kernel that /${path} starts with the root of another disk is named`, async (context) => {
    const directory = await writeTree(context, { [path]: text });

    await assert.rejects(requireOurRoot({ bootFiles: patterns, rootUuid }, newSystemAt(directory)), (error: unknown) =>
      String(error).includes(`"/${path}" starts a kernel with "root=`),
    );
  });
}
