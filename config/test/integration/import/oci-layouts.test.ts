import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { openInput } from '../../../import/open-input.ts';
import { openLayout } from '../../../import/oci/layout.ts';
import { describeError } from '../../../kit/errors.ts';
import { tarOf } from '../../support/root-archive.ts';
import { importFile, requirements } from './support/imported.ts';
import type { TestImage } from './support/oci-layout.ts';
import { rootLayer, TestLayout } from './support/oci-layout.ts';

/** What is about an image has a manifest as an image has: only its config and its layers tell. */
const others: Record<string, Omit<TestImage, 'layers'>> = {
  'cosign’s signature': { layerType: 'application/vnd.dev.cosign.simplesigning.v1+json' },
  'an attestation': { layerType: 'application/vnd.dsse.envelope.v1+json' },
  'a referrer': { configType: 'application/vnd.oci.empty.v1+json', layerType: 'text/spdx+json' },
  'a Helm chart': { configType: 'application/vnd.cncf.helm.config.v1+json' },
};
const content = Buffer.from('{}');

async function outcome(context: TestContext, layout: string, ref?: string): Promise<string> {
  return importFile(context, layout, ref === undefined ? {} : { ref }).then(
    ({ directory }) => directory.split('/').slice(-2).join('/'),
    describeError,
  );
}

for (const [title, other] of Object.entries(others)) {
  test(`${title} next to an image is left out, whether it has a name or none`, requirements, async (context) => {
    const layout = await TestLayout.make(context);
    const image = await layout.image({ layers: [await rootLayer(context)], name: 'noble' });
    const unnamed = await layout.image({ layers: [content], ...other });
    const named = await layout.image({ layers: [content], ...other, name: 'sha256-0123.sig' });

    await layout.index(unnamed, image);
    assert.equal(await outcome(context, layout.directory), 'ubuntu-24.04/x86_64');
    assert.equal(await outcome(context, layout.directory, 'noble'), 'ubuntu-24.04/x86_64');
    await layout.index(await layout.nested([named, unnamed]), image, named);
    assert.equal(await outcome(context, layout.directory), 'ubuntu-24.04/x86_64');
    assert.match(
      await outcome(context, layout.directory, 'sha256-0123.sig'),
      /image\.oci": blobs\/sha256\/\w+ (is of something else than an image|has a layer of type)/,
    );
    await layout.index(unnamed);
    assert.match(
      await outcome(context, layout.directory),
      /image\.oci": blobs\/sha256\/\w+ (is of something else than an image|has a layer of type)/,
    );
  });
}

test('what is called otherwise than --ref says is not read', requirements, async (context) => {
  const layout = await TestLayout.make(context);
  const image = await layout.image({ layers: [await rootLayer(context)], name: 'noble' });
  const gone = await layout.image({ layers: [[{ path: 'x' }]], name: 'gone' });
  await layout.index(gone, image);
  await rm(join(layout.directory, 'blobs', gone.digest.replace(':', '/')));

  assert.equal(await outcome(context, layout.directory, 'noble'), 'ubuntu-24.04/x86_64');
  assert.match(await outcome(context, layout.directory, 'gone'), /open ".*\/blobs\/sha256\/\w+": ENOENT/);
});

test('one index with two names has both', requirements, async (context) => {
  const layout = await TestLayout.make(context);
  const images = [await layout.image({ layers: [await rootLayer(context)] })];
  await layout.index(await layout.nested(images, 'noble'), await layout.nested(images, 'latest'));

  assert.equal(await outcome(context, layout.directory, 'noble'), 'ubuntu-24.04/x86_64');
  assert.equal(await outcome(context, layout.directory, 'latest'), 'ubuntu-24.04/x86_64');
});

/** Each index has the one below it so many times. */
async function bomb(context: TestContext, width: number): Promise<TestLayout> {
  const layout = await TestLayout.make(context);
  let inside = await layout.image({ layers: [[{ path: 'x' }]], platform: true });
  for (let level = 0; level < 4; level++) inside = await layout.nested(Array.from({ length: width }, () => inside));
  await layout.index(inside);
  return layout;
}

test('indexes that grow without end are refused', { ...requirements, timeout: 20_000 }, async (context) => {
  const { directory } = await bomb(context, 10_000);
  assert.match(await outcome(context, directory), /its indexes name more than 1000 things/);
});

test('reading the indexes can be interrupted', { ...requirements, timeout: 20_000 }, async (context) => {
  const { directory } = await bomb(context, 5);
  const wanted = { ref: undefined, arch: undefined, machine: 'x86_64' } as const;
  const interrupt = new AbortController();

  await assert.doesNotReject(openLayout(directory, wanted, interrupt.signal));
  const opened = openLayout(directory, wanted, interrupt.signal);
  interrupt.abort();
  await assert.rejects(opened, { name: 'AbortError' });
});

test('the room that an image needs depends on how its layers are packed, whatever their types say', async (context) => {
  const layers = [Buffer.concat([tarOf([{ path: 'x' }]), Buffer.alloc(1_000_000)]), tarOf([{ path: 'y' }])];
  const needed = async (image: Partial<TestImage>): Promise<number> => {
    const layout = await TestLayout.make(context);
    const directory = await layout.index(await layout.image({ layers, ...image }));
    const { neededBytes, bytes } = await openInput(directory, { signal: new AbortController().signal });
    return (neededBytes - 200_000_000) / bytes;
  };

  assert.ok(Math.abs((await needed({})) - 0.5) < 0.01);
  assert.ok(Math.abs((await needed({ layerType: 'application/vnd.oci.image.layer.v1.tar+gzip' })) - 0.5) < 0.01);
  assert.ok(Math.abs((await needed({ packing: 'gzip' })) - 1.3) < 0.01);
});
