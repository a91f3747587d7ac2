import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';

import { needs } from '@pxeboot/config/test/support/requirements';

import { buildImage, imageDirectory } from '../../src/debian-image.ts';
import type { LabSettings } from '../../src/decide/settings.ts';
import { labSettings } from '../../src/decide/settings.ts';
import { cacheDirectory } from '../../src/image-cache.ts';
import { packRoot, release } from './support/packed-root.ts';

process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const requirements = needs('tar', 'cpio', 'gzip', 'depmod', 'awk');
const project = join(import.meta.dirname, '../../..');
const [distro, arch] = ['debian-12', 'x86_64'] as const;
const today = (): string => new Date().toISOString().slice(0, 10);

interface Home {
  /** A checkout of its own with the same home. */
  clone(name: string): Promise<LabSettings>;
  cache: string;
  /** The root file system that is built from. */
  rootfs: string;
}

async function makeHome(context: TestContext): Promise<Home> {
  const { directory, rootfs } = await packRoot(context);
  process.env['ROOTFS_TAR'] = rootfs;
  context.after(() => delete process.env['ROOTFS_TAR']);
  const cache = join(directory, 'home/.cache/pxeboot_stack/images');
  await mkdir(join(directory, 'home'));
  return {
    cache,
    rootfs,
    async clone(name) {
      const root = join(directory, name);
      await cp(join(project, 'lab/image'), join(root, 'lab/image'), { recursive: true });
      await mkdir(join(root, 'config/build'), { recursive: true });
      await cp(join(project, 'config/build/emulation.sh'), join(root, 'config/build/emulation.sh'));
      return { ...labSettings(root, 'x86_64'), imageCache: cache };
    },
  };
}

const build = (lab: LabSettings, options?: { fresh: boolean }): Promise<string> =>
  buildImage(lab, distro, arch, options);

async function read(lab: LabSettings, file: string): Promise<Buffer> {
  return readFile(join(imageDirectory(lab, distro, arch), file));
}

/** The one entry that is kept. */
async function entryOf({ cache }: Home): Promise<string> {
  const entries = await readdir(join(cache, distro, arch));
  assert.equal(entries.length, 1, entries.join(' '));
  return join(cache, distro, arch, entries[0] ?? '');
}

describe('an image directory that is kept for other clones', requirements, () => {
  test('a second clone gets it without building, as files of its own', async (context) => {
    const home = await makeHome(context);
    const [first, second] = [await home.clone('first'), await home.clone('second')];

    assert.equal(await build(first), 'built');
    const entry = await entryOf(home);
    assert.equal(await build(second), `kept from ${today()}, in "${entry}"`);
    assert.equal(await build(second), 'kept');

    const files = await readdir(imageDirectory(first, distro, arch));
    assert.deepEqual(files, [`initrd.img-${release}`, 'modules.cpio.gz', 'rootfs.tar.gz', `vmlinuz-${release}`]);
    assert.deepEqual(await readdir(imageDirectory(second, distro, arch)), files);
    assert.deepEqual(await readdir(join(second.images, distro)), [arch]);
    for (const file of files) assert.deepEqual(await read(second, file), await read(first, file));
    await appendFile(join(imageDirectory(second, distro, arch), 'rootfs.tar.gz'), 'altered by a test');
    assert.equal(await build(await home.clone('third')), `kept from ${today()}, in "${entry}"`);
  });

  for (const changed of ['packages.txt', 'modules.txt', 'build-debian.sh', 'python-compiled-here/essential.sh']) {
    test(`with another ${changed} it is built, and kept in place of the other`, async (context) => {
      const home = await makeHome(context);
      const [first, second] = [await home.clone('first'), await home.clone('second')];
      await build(first);
      const before = await entryOf(home);
      await appendFile(join(second.root, 'lab/image', changed), '# another\n');

      assert.equal(await build(second), 'built');

      assert.notEqual(await entryOf(home), before);
    });
  }

  test('another kernel, and another image, are others', async (context) => {
    const home = await makeHome(context);
    await build(await home.clone('first'));
    const second = await home.clone('second');

    assert.equal(await buildImage(second, 'debian-12-generic', arch), 'built');
    context.after(() => delete process.env['MODULES']);
    process.env['MODULES'] = 'all';
    assert.equal(await build(second), 'built');
  });

  const damages: Record<string, (entry: string) => Promise<unknown>> = {
    'a missing file': (entry) => rm(join(entry, 'modules.cpio.gz')),
    'a file that is cut short': (entry) => truncate(join(entry, 'rootfs.tar.gz'), 100),
    'a file with other content': (entry) => writeFile(join(entry, `vmlinuz-${release}`), 'lernek'),
    'no record': (entry) => rm(join(entry, 'record.json')),
    'a record that is cut short': (entry) => truncate(join(entry, 'record.json'), 20),
  };
  for (const [what, damage] of Object.entries(damages)) {
    test(`${what} in it is noticed: it is built and kept again`, async (context) => {
      const home = await makeHome(context);
      await build(await home.clone('first'));
      await damage(await entryOf(home));
      const second = await home.clone('second');

      assert.equal(await build(second), 'built');

      assert.deepEqual(await readdir(join(second.images, distro)), [arch]);
      assert.match(await build(await home.clone('third')), /^kept from /);
    });
  }

  test('after 30 days it is built again', async (context) => {
    const home = await makeHome(context);
    await build(await home.clone('first'));
    const record = join(await entryOf(home), 'record.json');
    const text = await readFile(record, 'utf8');
    const age = async (days: number): Promise<void> => {
      const made = new Date(Date.now() - days * 86_400_000).toISOString();
      await writeFile(record, text.replace(/"made": "[^"]+"/, `"made": "${made}"`));
    };

    await age(29);
    assert.match(await build(await home.clone('second')), /^kept from /);
    await age(31);
    assert.equal(await build(await home.clone('third')), 'built');
    assert.match(await build(await home.clone('fourth')), new RegExp(`^kept from ${today()}`));
  });

  test('FRESH=1 builds it in any case, and keeps that', async (context) => {
    const home = await makeHome(context);
    const first = await home.clone('first');
    await build(first);
    const { ino } = await stat(await entryOf(home));

    assert.equal(await build(first, { fresh: true }), 'built');

    assert.notEqual((await stat(await entryOf(home))).ino, ino);
    assert.match(await build(await home.clone('second')), /^kept from /);
  });

  test('two builds at once both end well, and one whole entry is kept', async (context) => {
    const home = await makeHome(context);
    const clones = await Promise.all(['first', 'second', 'third', 'fourth'].map(home.clone));

    await Promise.all(clones.map((clone) => build(clone, { fresh: true })));

    await entryOf(home);
    assert.match(await build(await home.clone('fifth')), /^kept from /);
  });

  test('what a build left that was killed a day ago is removed, and what another is making stays', async (context) => {
    const home = await makeHome(context);
    const [left, making] = ['new.left', 'new.making'].map((name) => join(home.cache, distro, arch, name));
    for (const directory of [left!, making!]) await mkdir(directory, { recursive: true });
    const dayAgo = new Date(Date.now() - 90_000_000);
    await utimes(left!, dayAgo, dayAgo);

    await build(await home.clone('first'));

    const names = await readdir(join(home.cache, distro, arch));
    assert.equal(names.length, 2);
    assert.ok(names.includes('new.making'));
  });

  test('where nothing can be kept the image is built all the same, with one line that says why', async (context) => {
    const home = await makeHome(context);
    const said = context.mock.method(console, 'error', () => undefined);
    await writeFile(join(home.cache, '../../../..', 'file'), '');
    const unusable = join(home.cache, '../../../..', 'file', 'images');

    assert.equal(await build({ ...(await home.clone('first')), imageCache: unusable }), 'built');
    assert.equal(await build({ ...(await home.clone('second')), imageCache: undefined }), 'built');

    const [file, none] = said.mock.calls.map(({ arguments: [line] }) => String(line));
    assert.equal(said.mock.callCount(), 2);
    assert.match(file ?? '', /^keep the image directory for other clones: ENOTDIR: .*; going on without that$/);
    assert.equal(
      none,
      'keep the image directory for other clones: neither XDG_CACHE_HOME nor HOME is set; going on without that',
    );
  });

  test('what root keeps belongs to the owner of the home', async (context) => {
    const home = await makeHome(context);
    const { chown } = await import('node:fs/promises');
    await chown(join(home.cache, '../../..'), 1234, 4321);

    await build(await home.clone('first'));

    const entry = await entryOf(home);
    for (const path of [join(home.cache, '../..'), home.cache, entry, join(entry, 'rootfs.tar.gz')]) {
      const { uid, gid } = await stat(path);
      assert.deepEqual([uid, gid], [1234, 4321], path);
    }
  });
});

test('the place for it is that of the XDG specification', () => {
  assert.equal(cacheDirectory({ HOME: '/home/me' }), '/home/me/.cache/pxeboot_stack/images');
  assert.equal(cacheDirectory({ HOME: '/home/me', XDG_CACHE_HOME: '/var/c' }), '/var/c/pxeboot_stack/images');
  assert.equal(
    cacheDirectory({ HOME: '/home/me', XDG_CACHE_HOME: 'relative' }),
    '/home/me/.cache/pxeboot_stack/images',
  );
  assert.equal(cacheDirectory({ HOME: '' }), undefined);
  assert.equal(cacheDirectory({}), undefined);
});
