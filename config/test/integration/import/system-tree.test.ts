import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { SystemTree } from '../../../import/system-tree.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { write } from './support/small-root.ts';

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
