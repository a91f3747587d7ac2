import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import type { ImageFacts } from '@pxeboot/config/contract/image-facts';
import type { Remark } from '@pxeboot/config/contract/published-images';

import { saveDefinition, saveImage, saveInspected, startHandler } from '../support/running-handler.ts';

test('/api/images lists every image directory with what was found in it, and whether it installs', async () => {
  await using handler = await startHandler();
  const images = async (): Promise<unknown> => JSON.parse((await handler.ask('/api/images')).body);

  assert.deepEqual(await images(), { images: [] });
  const since = '2026-01-02T03:04:05.678Z';
  const faults = [{ problem: 'is empty', fix: 'fetch it again' }];
  const [warnings, kernelsWithoutModules] = [[], []];
  await saveInspected(
    handler.inspectedFile,
    { image: 'a/x86_64' },
    { image: 'b/x86_64', faults },
    { image: 'c/aarch64', state: 'waiting', reason: 'its files are still changing' },
  );

  const unknown = { since, faults: [], warnings, kernelsWithoutModules };
  assert.deepEqual(await images(), {
    images: [
      { ...unknown, directory: 'images/a/x86_64', state: 'inspected', installs: true },
      { ...unknown, directory: 'images/b/x86_64', state: 'inspected', installs: false, faults },
      { ...unknown, directory: 'images/c/aarch64', state: 'waiting', reason: 'its files are still changing' },
    ],
  });
});

test('/config names the family that was found, and none while nothing is known', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { distro: 'my-image' });
  await saveImage(handler.imagesDir, 'my-image/x86_64');
  const family = async (): Promise<unknown> => {
    const { body } = await handler.ask('/config/52:54:00:aa:bb:01');
    return (JSON.parse(body) as { family?: string }).family;
  };

  assert.equal(await family(), undefined);
  const facts: ImageFacts = {
    ...{ rootfs: 'rootfs.tar.gz', packing: 'gzip', packedBytes: 1, unpackedBytes: 1, files: 1, family: 'fedora' },
    ...{ kernels: [], bootKernels: [], modulesArchive: null, cloudInit: false, escapes: [], durationMs: 1 },
    bootLoader: { shims: [], grubs: [], espFiles: [] },
  };
  await saveInspected(handler.inspectedFile, { image: 'my-image/x86_64', facts });
  assert.equal(await family(), 'fedora');
});

test('the plan tells what is worth knowing about the image, or that nothing is known yet', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);
  await writeFile(join(handler.imagesDir, 'debian-12/x86_64/rootfs.tar.gz'), gzipSync('not read'));
  const lastNote = async (): Promise<unknown> => {
    const { body } = await handler.ask('/api/vms/web1/plan');
    return (JSON.parse(body) as { notes: string[] }).notes.at(-1);
  };

  assert.equal(await lastNote(), 'the image has not been inspected yet; see /api/images');
  const warnings: Remark[] = [{ level: 'note', problem: 'it has no GRUB', fix: 'nothing to do' }];
  await saveInspected(handler.inspectedFile, { warnings });
  assert.equal(await lastNote(), 'it has no GRUB; nothing to do');
});
