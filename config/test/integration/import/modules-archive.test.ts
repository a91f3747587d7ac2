import assert from 'node:assert/strict';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { importFile, requirements } from './support/imported.ts';
import { modules, release, write, writeRoot } from './support/small-root.ts';

const timeoutMs = 60_000;
const folder = `usr/lib/modules/${release}`;
const [ext4 = ''] = modules;
const secret = 'of this machine\n';

/** Imports an archive of a root that somebody has changed. */
async function importChanged(
  context: TestContext,
  change: (root: string, hostDirectory: string) => Promise<unknown>,
): Promise<string> {
  const directory = await temporaryDirectory(context);
  const root = join(directory, 'root');
  await writeRoot(root);
  await write(join(directory, 'host/secret.ko'), secret);
  await change(root, join(directory, 'host'));
  const file = join(directory, 'download');
  await run('tar', ['-C', root, '-cf', file, '.'], { timeoutMs });
  return (await importFile(context, file)).directory;
}

/** As cpio lists it: modes, names, targets of links. */
async function archived(directory: string, ...options: string[]): Promise<string> {
  const unpack = ['-c', 'file=$1; shift; gzip -dc "$file" | cpio --quiet "$@"', 'unpack'];
  return (await run('sh', [...unpack, join(directory, 'modules.cpio.gz'), ...options], { timeoutMs })).stdout;
}

const refused: readonly [string, (root: string, host: string) => Promise<unknown>, RegExp][] = [
  [
    'a module that is a link to a file of this machine',
    (root, host) => replaceByLink(join(root, folder, ext4), join(host, 'secret.ko')),
    /"kernel\/fs\/ext4\/ext4\.ko\.zst" is missing, or a link that leads nowhere/,
  ],
  [
    'a module that is a link out of the image',
    (root, host) => replaceByLink(join(root, folder, ext4), `${'../'.repeat(20)}${host.slice(1)}/secret.ko`),
    /"kernel\/fs\/ext4\/ext4\.ko\.zst" is missing, or a link that leads nowhere/,
  ],
  [
    'a module that is a FIFO',
    async (root) => {
      await rm(join(root, folder, ext4));
      await run('mkfifo', [join(root, folder, ext4)], { timeoutMs });
    },
    /read ".*\/ext4\.ko\.zst" of the image: it is not a regular file/,
  ],
  [
    'a path of modules.dep that leads out of its folder',
    (root) => write(join(root, folder, 'modules.dep'), `${ext4}: ../../../../etc/fstab\n`),
    /"\.\.\/\.\.\/\.\.\/\.\.\/etc\/fstab" is no path of a module/,
  ],
  [
    'a path of modules.dep that has a control character',
    (root) => write(join(root, folder, 'modules.dep'), `${ext4}: kernel/fs/a\x1bb.ko\n`),
    /"kernel\/fs\/a\\u001bb\.ko" is no path of a module/,
  ],
  [
    'a module without modules.dep whose name has a newline',
    async (root) => {
      await rm(join(root, folder, 'modules.dep'));
      await write(join(root, folder, 'kernel/fs/x\n/etc/passwd.ko'), '');
    },
    /"kernel\/fs\/x\\n\/etc\/passwd\.ko" is no path of a module/,
  ],
  [
    'a folder of modules that is a link to one of this machine',
    async (root, host) => {
      await rm(join(root, folder), { recursive: true });
      await write(join(root, folder, 'modules.dep'), '');
      await symlink(host, join(root, folder, 'kernel'));
    },
    /the system has no modules in ".*\/kernel"/,
  ],
  [
    'a kernel that is a link to a file of this machine',
    (root, host) => replaceByLink(join(root, 'boot', `vmlinuz-${release}`), join(host, 'secret.ko')),
    /read "\/boot\/vmlinuz-.*" of the image: it is missing, or a link that leads nowhere/,
  ],
];

async function replaceByLink(path: string, target: string): Promise<void> {
  await rm(path);
  await symlink(target, path);
}

for (const [what, change, message] of refused) {
  test(`nothing of this machine gets into an image by ${what}`, requirements, async (context) => {
    await assert.rejects(importChanged(context, change), { name: 'InputError', message });
  });
}

test('a module that is a link to another kernel’s is taken from there', requirements, async (context) => {
  // As weak-updates of the RHEL family has them.
  const directory = await importChanged(context, async (root) => {
    await write(join(root, 'usr/lib/modules/5.14.0-1/extra/ext4.ko.zst'), 'of the image\n');
    await replaceByLink(join(root, folder, ext4), '/lib/modules/5.14.0-1/extra/ext4.ko.zst');
  });

  const path = `lib/modules/${release}/${ext4}`;
  assert.equal(await archived(directory, '-i', '--to-stdout', path), 'of the image');
  assert.match(await archived(directory, '-tv', path), /^-rw/);
});

test('without modules.dep every module is taken', requirements, async (context) => {
  const directory = await importChanged(context, (root) => rm(join(root, folder, 'modules.dep')));

  const names = (await archived(directory, '-t')).split('\n');
  for (const module of modules) assert.ok(names.includes(`lib/modules/${release}/${module}`), module);
});
