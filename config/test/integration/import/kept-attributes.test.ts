import assert from 'node:assert/strict';
import { copyFile, chown, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { needs } from '../../support/requirements.ts';
import type { TestDevice } from './support/disk-image.ts';
import { makeDisk, partitionTypes, temporaryDirectory } from './support/disk-image.ts';
import { importFile, requirements } from './support/imported.ts';
import { writeRoot } from './support/small-root.ts';

const timeoutMs = 60_000;
const { linux } = partitionTypes;
needs('setcap', 'setfacl', 'setfattr', 'getfattr', 'getfacl');

test('owners, capabilities, ACLs, SELinux labels and hard links are kept', requirements, async (context) => {
  async function fill({ format, mounted }: TestDevice): Promise<void> {
    await format('mkfs.ext4', '-q');
    await mounted(async (root) => {
      await writeRoot(root);
      const ping = join(root, 'usr/bin/ping');
      await writeFile(ping, 'ping');
      await chown(ping, 4242, 65_000);
      await link(ping, join(root, 'usr/bin/ping6'));
      await run('setcap', ['cap_net_raw+ep', ping], { timeoutMs });
      await run('setfattr', ['-n', 'security.selinux', '-v', 'system_u:object_r:ping_exec_t:s0', ping], { timeoutMs });
      await run('setfattr', ['-n', 'security.ima', '-v', '0x0302', ping], { timeoutMs });
      await run('setfacl', ['-m', 'u:4243:r-x', ping], { timeoutMs });
    });
  }
  const raw = await makeDisk(context, {
    sizeMiB: 60,
    partitions: [{ number: 7, startMiB: 1, sizeMiB: 40, type: linux, fill }],
  });

  const { directory } = await importFile(context, raw);

  const target = await temporaryDirectory(context);
  const all = ['--xattrs', '--xattrs-include=*', '--acls', '--selinux', '--numeric-owner', '-p'];
  await run('tar', ['--zstd', ...all, '-C', target, '-xf', join(directory, 'rootfs.tar.zst')], { timeoutMs });
  const ping = join(target, 'usr/bin/ping');
  const said = async (program: string, ...args: string[]): Promise<string> =>
    (await run(program, [...args, ping], { timeoutMs })).stdout;
  assert.equal(await said('stat', '-c', '%u:%g %h'), '4242:65000 2');
  assert.match(await said('getcap'), /cap_net_raw=ep$/);
  assert.match(await said('getfacl', '-cnp'), /^user:4243:r-x$/m);
  const label = await said('getfattr', '--only-values', '-n', 'security.selinux');
  // setfilecon(3) ends a label with a NUL, as installed systems have it.
  assert.equal(label.replace(/\0$/, ''), 'system_u:object_r:ping_exec_t:s0');
  assert.match(await said('getfattr', '-e', 'hex', '-n', 'security.ima'), /=0x0302$/m);
});

/** What leaves something in each one's journal that a mount would replay. */
const dirtyFileSystems: readonly [string, number][] = [
  ['mkfs.ext4', 60],
  ['mkfs.xfs', 320],
  ['mkfs.btrfs', 200],
];

for (const [program, sizeMiB] of dirtyFileSystems) {
  test(`a dirty journal (${program}) is told, and the image is not written to`, requirements, async (context) => {
    const directory = await temporaryDirectory(context);
    const copy = join(directory, 'copy.raw');
    async function fill({ path, format, mounted }: TestDevice): Promise<void> {
      await format(program, '-q');
      await mounted((root) => writeRoot(root));
      await mounted(async (root) => {
        await mkdir(join(root, 'opt'));
        await run('dd', ['if=/dev/zero', `of=${root}/opt/late`, 'bs=64k', 'count=1', 'conv=fsync', 'status=none'], {
          timeoutMs,
        });
        await run('dd', [`if=${path}`, `of=${copy}`, 'bs=1M', 'conv=sparse', 'iflag=direct', 'status=none'], {
          timeoutMs,
        });
      });
    }
    await makeDisk(context, {
      sizeMiB,
      label: 'none',
      partitions: [{ number: 0, startMiB: 0, sizeMiB, type: '', fill }],
    });
    await copyFile(copy, `${copy}.before`);

    const { record, said } = await importFile(context, copy);

    assert.match(
      record.notes.join('\n'),
      /^the whole image \(\w+\): its journal is dirty, .* the last changes may be missing$/,
    );
    assert.deepEqual(said.slice(0, 1), record.notes);
    await run('cmp', [copy, `${copy}.before`], { timeoutMs });
  });
}
