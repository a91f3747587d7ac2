import assert from 'node:assert/strict';
import { mkdir, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { inspectSystem } from '../../../import/inspect-system.ts';
import { SystemTree } from '../../../import/system-tree.ts';
import { needs } from '../../support/requirements.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { release, write, writeRoot } from './support/small-root.ts';

test('a link of the image never leads out of it, and goes through its mounts', async (context) => {
  const directory = await temporaryDirectory(context);
  const [root, boot] = [join(directory, 'root'), join(directory, 'boot')];
  await write(join(root, 'etc/passwd'), 'of the image\n');
  await write(join(boot, 'grub/grub.cfg'), 'menu\n');
  await mkdir(join(root, 'boot'));
  await symlink('/etc/passwd', join(root, 'absolute'));
  await symlink('../../../../../etc/passwd', join(root, 'etc/out'));
  await symlink('/boot/grub/../grub/grub.cfg', join(root, 'etc/grub2.cfg'));
  await symlink('loop', join(root, 'loop'));
  await symlink('/', join(boot, 'boot'));
  const system = new SystemTree([
    { at: '/', directory: root },
    { at: '/boot', directory: boot },
  ]);

  assert.equal(await system.read('/absolute'), 'of the image\n');
  assert.equal(await system.read('/etc/out'), 'of the image\n');
  assert.equal(await system.read('/etc/grub2.cfg'), 'menu\n');
  assert.equal(await system.read('/boot/boot/etc/passwd'), 'of the image\n');
  assert.equal(await system.locate('/loop'), undefined);
  assert.equal(await system.locate('/etc/passwd/x'), undefined);
  assert.deepEqual(await system.names('/boot'), ['boot', 'grub']);
  assert.deepEqual(await system.names('/etc/passwd'), []);
});

const special: readonly [string, readonly string[]][] = [
  ['FIFO', ['mkfifo', 'it']],
  ['device', ['mknod', 'it', 'c', '1', '5']],
  ['directory', ['mkdir', 'it']],
];
for (const [what, [program = '', ...args]] of special) {
  test(
    `a ${what} in the place of a file is refused, and not opened`,
    { ...needs(), timeout: 10_000 },
    async (context) => {
      const root = await temporaryDirectory(context);
      await writeRoot(root);
      const system = new SystemTree([{ at: '/', directory: root }]);
      const place = async (path: string): Promise<void> => {
        await rm(join(root, path), { force: true });
        await run(
          program,
          args.map((arg) => (arg === 'it' ? join(root, path) : arg)),
          { timeoutMs: 5000 },
        );
      };

      await place('etc/fstab');
      await assert.rejects(system.read('/etc/fstab'), {
        name: 'InputError',
        message: 'read "/etc/fstab" of the image: it is not a regular file',
      });
      await place('usr/lib/systemd/systemd');
      await assert.rejects(inspectSystem(system), {
        name: 'InputError',
        message: /\/sbin\/init is not a regular file/,
      });
      await place('usr/lib/os-release');
      await assert.rejects(inspectSystem(system), {
        name: 'InputError',
        message: 'read "/etc/os-release" of the image: it is not a regular file',
      });
    },
  );
}

test('a file is read up to a limit', async (context) => {
  const root = await temporaryDirectory(context);
  const system = new SystemTree([{ at: '/', directory: root }]);
  await write(join(root, 'fits'), 'x'.repeat(16 * 2 ** 20));
  await write(join(root, 'sparse'), '');
  await truncate(join(root, 'sparse'), 2 ** 40);

  assert.equal((await system.read('/fits'))?.length, 16 * 2 ** 20);
  await assert.rejects(system.read('/sparse'), {
    name: 'InputError',
    message: 'read "/sparse" of the image: it has more than 16777216 bytes; is it damaged?',
  });
});

test('a folder of modules whose name no kernel has is passed over', async (context) => {
  const root = await temporaryDirectory(context);
  await writeRoot(root);
  for (const name of ['9.9\nx', '-h', '9.9 x'])
    await mkdir(join(root, 'usr/lib/modules', name, 'kernel'), { recursive: true });
  for (const name of ['9.9\nx', '-h', '9.9 x']) await write(join(root, 'boot', `vmlinuz-${name}`), '');

  const { kernel } = await inspectSystem(new SystemTree([{ at: '/', directory: root }]));

  assert.equal(kernel.release, release);
});
