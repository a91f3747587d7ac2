import assert from 'node:assert/strict';
import { link, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { newSystemAt } from '../../src/new-system.ts';

/** A root with links, in a directory that has files of the same names outside it. */
async function rootWith(context: TestContext, links: Record<string, string>): Promise<{ root: string; outer: string }> {
  const outer = await mkdtemp(join(tmpdir(), 'outer-'));
  context.after(() => rm(outer, { recursive: true }));
  const root = join(outer, 'root');
  await mkdir(join(root, 'etc'), { recursive: true });
  await mkdir(join(outer, 'data'));
  await writeFile(join(outer, 'data/fstab'), 'outer');
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path));
  return { root, outer };
}

const leading: [string, Record<string, string>, string, string][] = [
  ['an absolute link begins at the root', { 'etc/fstab': '/data/fstab' }, 'etc/fstab', '/data/fstab'],
  ['a relative one at its directory', { 'etc/fstab': 'other' }, 'etc/fstab', '/etc/other'],
  ['no ".." leads out of the root', { 'etc/fstab': '../../../data/fstab' }, 'etc/fstab', '/data/fstab'],
  ['nor one in the path itself', {}, '../data/fstab', '/data/fstab'],
  ['links of directories are followed', { boot: '/data/boot' }, 'boot/grub/x', '/data/boot/grub/x'],
  ['one link leads to another', { a: 'b', b: '/etc/c' }, 'a', '/etc/c'],
  ['what is not there keeps its name', {}, 'no/such/path', '/no/such/path'],
];

for (const [title, links, path, expected] of leading) {
  test(`inside the root: ${title}`, async (context) => {
    const { root } = await rootWith(context, links);

    assert.equal(await newSystemAt(root).resolve(path), `${root}${expected}`);
  });
}

test('links that lead to each other are named', async (context) => {
  const { root } = await rootWith(context, { a: 'b', b: 'a' });

  await assert.rejects(
    newSystemAt(root).resolve('a'),
    (error) =>
      error instanceof InputError && /find "\/a" of the new system: its links lead to each other/.test(error.message),
  );
});

test('nothing outside is read through a link', async (context) => {
  const { root } = await rootWith(context, { 'etc/fstab': '/data/fstab', 'etc/rel': '../../data/fstab' });

  assert.equal(await newSystemAt(root).read('etc/fstab'), undefined);
  assert.equal(await newSystemAt(root).hasContent('etc/rel'), false);
});

test('a written file takes the place of a link, also of one that leads nowhere, and nothing outside changes', async (context) => {
  const { root, outer } = await rootWith(context, { 'etc/fstab': '/data/fstab', 'etc/hostname': '../data/hostname' });
  const system = newSystemAt(root);

  await system.write('etc/fstab', 'ours');
  await system.write('etc/hostname', 'web1\n');

  assert.equal(await readFile(join(outer, 'data/fstab'), 'utf8'), 'outer');
  assert.equal(await readFile(join(root, 'etc/fstab'), 'utf8'), 'ours');
  assert.ok((await lstat(join(root, 'etc/hostname'))).isFile());
});

test('a linked directory above a written file stays, and is followed inside the root', async (context) => {
  const { root, outer } = await rootWith(context, { boot: '/data/boot' });

  await newSystemAt(root).write('boot/grub/grub.cfg', 'ours');

  assert.equal(await readFile(join(root, 'data/boot/grub/grub.cfg'), 'utf8'), 'ours');
  await assert.rejects(lstat(join(outer, 'data/boot')));
});

test('a file in the place of a directory is named', async (context) => {
  const { root } = await rootWith(context, {});
  await writeFile(join(root, 'boot'), '');

  await assert.rejects(
    newSystemAt(root).write('boot/grub/grub.cfg', ''),
    (error) =>
      error instanceof InputError &&
      /"\/boot\/grub" of the new system: something else is in its place/.test(error.message),
  );
});

test('a mount point is a directory of its own, and no directory above it a link', async (context) => {
  const { root, outer } = await rootWith(context, { dev: '/dev', boot: 'data' });
  const system = newSystemAt(root);

  await system.makeMountPoint('dev');

  assert.ok((await lstat(join(root, 'dev'))).isDirectory());
  await assert.rejects(system.makeMountPoint('boot/efi'), /a directory above it is a link to "\/data\/efi"/);
  assert.deepEqual(await newSystemAt(outer).list('data'), ['fstab']);
});

test('removing takes a link away, and not what it leads to', async (context) => {
  const { root, outer } = await rootWith(context, { 'etc/keys': '../../data' });

  await newSystemAt(root).remove('etc/keys');
  await newSystemAt(root).remove('etc/nothing');

  assert.deepEqual(await newSystemAt(outer).list('data'), ['fstab']);
  assert.deepEqual(await newSystemAt(root).list('etc'), []);
});

test('what is written into a file is not in its hard links, and has the mode that is asked for', async (context) => {
  const { root } = await rootWith(context, {});
  await writeFile(join(root, 'etc/one'), 'kept', { mode: 0o644 });
  await link(join(root, 'etc/one'), join(root, 'etc/fstab'));

  await newSystemAt(root).write('etc/fstab', 'ours', 0o600);

  assert.equal(await readFile(join(root, 'etc/one'), 'utf8'), 'kept');
  assert.equal((await lstat(join(root, 'etc/fstab'))).mode & 0o777, 0o600);
});

test('a link that leads nowhere gets another name, and not what it would lead to', async (context) => {
  const { root } = await rootWith(context, { 'etc/zz.cfg': '/nowhere' });

  await newSystemAt(root).rename('etc/zz.cfg', 'etc/zz.cfg.old');

  assert.deepEqual(await newSystemAt(root).list('etc'), ['zz.cfg.old']);
});
