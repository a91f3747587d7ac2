import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { withCleanup } from '../../../import/cleanup.ts';
import { importImage } from '../../../import/import-image.ts';
import { listImages } from '../../../import/list-images.ts';
import { putInPlace } from '../../../import/put-in-place.ts';
import { lookAtImages } from '../../../inspect/look-at-images.ts';
import { describeError } from '../../../kit/errors.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { importFile, moduleList, requirements } from './support/imported.ts';
import { write, writeRoot } from './support/small-root.ts';

const timeoutMs = 60_000;

/** A directory of images with one called "mine", and an archive to import. */
async function places(context: TestContext): Promise<{ images: string; old: string; archive: string }> {
  const directory = await temporaryDirectory(context);
  const images = join(directory, 'images');
  const old = join(images, 'mine/x86_64');
  await write(join(old, 'rootfs.tar.gz'), 'old');
  await writeRoot(join(directory, 'root'));
  const archive = join(directory, 'root.tar');
  await run('tar', ['-C', join(directory, 'root'), '-cf', archive, '.'], { timeoutMs });
  return { images, old, archive };
}

test('the old image is there again when the new one cannot take its place', requirements, async (context) => {
  const { images, old, archive } = await places(context);
  let busy = '';
  // The kernel renames no mount point.
  const makeBusy = async (): Promise<void> => {
    const [work = ''] = (await readdir(images)).filter((name) => name.startsWith('.import-'));
    busy = join(images, work, 'image');
    await run('mount', ['--bind', busy, busy], { timeoutMs });
  };
  const options = { images, moduleList, name: 'mine', force: true, signal: new AbortController().signal };

  const outcome = await importImage(archive, {
    ...options,
    progress: {
      say: () => undefined,
      async follow(what, _total, work) {
        if (what.startsWith('check')) await makeBusy();
        return work(() => undefined);
      },
    },
  })
    .then(String, (error: unknown) => describeError(error))
    .finally(() => run('umount', [busy], { timeoutMs }));

  assert.match(outcome, /^put the finished image into ".*\/mine\/x86_64", where the old one is again: EBUSY/);
  assert.deepEqual(await readdir(join(images, 'mine')), ['x86_64']);
  assert.equal(await readFile(join(old, 'rootfs.tar.gz'), 'utf8'), 'old');
});

/** A finished directory, and what renames but for those renamings whose number is named. */
async function moves(
  context: TestContext,
  failing: readonly number[],
): Promise<{ outcome: string; images: string; old: string }> {
  const { images, old } = await places(context);
  await write(join(images, '.import-x/image/rootfs.tar.gz'), 'new');
  let number = 0;
  const { result, failures } = await withCleanup((cleanup) =>
    putInPlace(join(images, '.import-x/image'), old, {
      cleanup,
      force: true,
      move: async (from, to) => {
        number += 1;
        if (failing.includes(number)) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
        await rename(from, to);
      },
    }),
  );
  assert.deepEqual(failures, []);
  return { outcome: result.status === 'rejected' ? describeError(result.reason) : 'in place', images, old };
}

test('whichever renaming fails, the old image is not lost', async (context) => {
  const first = await moves(context, [1]);
  assert.match(first.outcome, /^move ".*mine\/x86_64" aside, which is as it was: EIO/);
  assert.equal(await readFile(join(first.old, 'rootfs.tar.gz'), 'utf8'), 'old');

  const second = await moves(context, [2]);
  assert.match(second.outcome, /where the old one is again: EIO/);
  assert.equal(await readFile(join(second.old, 'rootfs.tar.gz'), 'utf8'), 'old');

  const third = await moves(context, [2, 3]);
  assert.match(
    third.outcome,
    /^put the finished image into ".*": EIO.*; the old one could not be put back either: it is in ".*\/mine\/\.replaced-x86_64", and the next import puts it back: EIO/,
  );
  assert.equal(await readFile(join(third.images, 'mine/.replaced-x86_64/rootfs.tar.gz'), 'utf8'), 'old');

  const none = await moves(context, []);
  assert.equal(none.outcome, 'in place');
  assert.equal(await readFile(join(none.old, 'rootfs.tar.gz'), 'utf8'), 'new');
  assert.deepEqual(await readdir(join(none.images, 'mine')), ['x86_64']);
});

test(
  'what a killed import has set aside is no image, and the next import puts it back',
  requirements,
  async (context) => {
    const { images, old, archive } = await places(context);
    await rename(old, join(images, 'mine/.replaced-x86_64'));

    assert.deepEqual(await listImages(images, { published: [], inspects: true, say: () => undefined }), []);
    assert.deepEqual(await lookAtImages(images), []);
    const { said } = await importFile(context, archive, { images });

    assert.equal(await readFile(join(old, 'rootfs.tar.gz'), 'utf8'), 'old');
    assert.deepEqual(await readdir(join(images, 'mine')), ['x86_64']);
    assert.ok(
      said.includes(`put "${old}" back, which an earlier import had set aside and did not replace`),
      said.join(),
    );
  },
);

test(
  'what a killed import had replaced and not yet removed is removed by the next one',
  requirements,
  async (context) => {
    const { images, old, archive } = await places(context);
    await write(join(images, 'mine/.replaced-x86_64/rootfs.tar.gz'), 'older');
    await mkdir(join(images, 'mine/.other'));

    await importFile(context, archive, { images });

    assert.equal(await readFile(join(old, 'rootfs.tar.gz'), 'utf8'), 'old');
    assert.deepEqual((await readdir(join(images, 'mine'))).sort(), ['.other', 'x86_64']);
  },
);

test('an image directory that is a link is replaced, and what it leads to stays', requirements, async (context) => {
  const { images, old, archive } = await places(context);
  const elsewhere = join(images, '../elsewhere');
  await rename(old, elsewhere);
  await symlink(elsewhere, old);

  await importFile(context, archive, { images, name: 'mine', force: true });

  assert.equal(await readFile(join(elsewhere, 'rootfs.tar.gz'), 'utf8'), 'old');
  assert.ok((await readdir(old)).includes('rootfs.tar.zst'));
});

test('a replaced image that cannot be removed is told, and the new one is there', requirements, async (context) => {
  const { images, old, archive } = await places(context);
  await mkdir(join(old, 'busy'));
  await run('mount', ['-t', 'tmpfs', 'tmpfs', join(old, 'busy')], { timeoutMs });
  const aside = join(images, 'mine/.replaced-x86_64');
  try {
    await assert.rejects(importFile(context, archive, { images, name: 'mine', force: true }), {
      name: 'HostError',
      message:
        /x86_64" is finished, but not all .* could be taken back: remove ".*\.replaced-x86_64", which was replaced/,
    });
  } finally {
    await run('umount', [join(aside, 'busy')], { timeoutMs });
  }

  assert.ok((await readdir(old)).includes('rootfs.tar.zst'));
  await rm(aside, { recursive: true, force: true });
});

test('a link that leads nowhere is replaced with --force only', requirements, async (context) => {
  const { images, old, archive } = await places(context);
  await rm(old, { recursive: true });
  await symlink('/not/mounted/now', old);

  const outcome = await importFile(context, archive, { images, name: 'mine' }).then(String, (error: unknown) =>
    describeError(error),
  );

  assert.match(outcome, /mine\/x86_64": it is there; --force replaces it/);
  assert.equal(await readlink(old), '/not/mounted/now');
});
