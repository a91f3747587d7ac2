import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { describeImages, listImages } from '../../../import/list-images.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { write } from './support/small-root.ts';

test('image directories are listed with what image.json says, and without it by their files', async (context) => {
  const images = await temporaryDirectory(context);
  await write(join(images, 'fedora-40/x86_64/image.json'), '{"kernel": "6.8.5", "os": {"name": "Fedora Linux 40"}}');
  await write(join(images, 'debian-12/aarch64/vmlinuz-6.1.0-9-arm64'), 'x'.repeat(1_500_000));
  await write(join(images, 'debian-12/aarch64/vmlinuz-6.1.0-10-arm64'), '');
  await write(join(images, 'broken/x86_64/image.json'), '{"kernel":');
  await mkdir(join(images, '.import-x/image'), { recursive: true });
  await writeFile(join(images, 'README'), '');

  assert.deepEqual(describeImages(await listImages(images)), [
    'NAME       ARCH     SIZE  KERNEL          SYSTEM',
    'broken     x86_64   1 MB  no kernel       -',
    'debian-12  aarch64  2 MB  6.1.0-10-arm64  -',
    'fedora-40  x86_64   1 MB  6.8.5           Fedora Linux 40',
  ]);
  assert.deepEqual(await listImages(join(images, 'nowhere')), []);
});
