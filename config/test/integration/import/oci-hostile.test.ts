import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { Header } from 'tar/header';

import { importImage } from '../../../import/import-image.ts';
import { describeError, InputError } from '../../../kit/errors.ts';
import { tarOf } from '../../support/root-archive.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { importFile, moduleList, requirements } from './support/imported.ts';
import type { TestImage, TestLayer } from './support/oci-layout.ts';
import { layoutOf, rootLayer, TestLayout } from './support/oci-layout.ts';

/** Nothing is there afterwards, and a file next to the images is as it was. */
async function refused(context: TestContext, layout: string, message: RegExp): Promise<void> {
  const directory = await temporaryDirectory(context);
  const images = join(directory, 'images');
  await writeFile(join(directory, 'precious'), 'precious');
  const error: unknown = await importFile(context, layout, { images }).then(String, (thrown: unknown) => thrown);

  assert.ok(error instanceof InputError, describeError(error));
  assert.match(describeError(error), message);
  assert.deepEqual(await readdir(images), []);
  assert.deepEqual(await readdir(directory), ['images', 'precious']);
  assert.equal(await readFile(join(directory, 'precious'), 'utf8'), 'precious');
}

const outside: Record<string, [TestLayer, RegExp]> = {
  'a name that leads out': [
    [{ path: '../precious', content: 'x' }],
    /layer 2 of 2 \(blobs\/sha256\/\w+\): has "\.\.\/precious", which leads out of the root$/,
  ],
  'a name that leads out after a while': [[{ path: 'usr/../../precious', content: 'x' }], /leads out of the root/],
  'a directory that leads out': [[{ path: '../out/' }], /leads out of the root/],
  'a mark that leads out': [[{ path: '../.wh.precious' }], /leads out of the root/],
  'a mark of the directory itself': [[{ path: 'etc/.wh..' }], /has "etc\/\.wh\.\.", which hides no file/],
  'a mark of the directory above': [[{ path: 'etc/.wh...' }], /which hides no file/],
  'a mark of nothing': [[{ path: 'etc/.wh.' }], /which hides no file/],
  'a hard link out': [
    [{ path: 'srv/x', hardlink: '../../precious' }],
    /"\.\.\/\.\.\/precious", which leads out of the root/,
  ],
  'a hard link to a file of this machine': [
    [{ path: 'srv/x', hardlink: '/etc/passwd' }],
    /a hard link to "\/etc\/passwd", which is no file of it or of the layers below/,
  ],
  'a hard link to a directory': [[{ path: 'srv/x', hardlink: 'usr' }], /a hard link to "usr", which is no file/],
  'a root that is a link': [[{ path: '.', symlink: '/tmp' }], /has a root that is no directory/],
  'a name through links that go round in circles': [
    [
      { path: 'srv/a', symlink: 'b' },
      { path: 'srv/b', symlink: 'a' },
      { path: 'srv/a/x', content: 'x' },
    ],
    /has "srv\/a\/x", whose directory is a link that leads nowhere/,
  ],
  'no archive': [Buffer.from('<html>404'.repeat(100)), /is damaged: there is no header/],
  'an archive that ends in the middle': [
    tarOf([{ path: 'etc/x', content: 'x'.repeat(2000) }]).subarray(0, 1500),
    /ends in the middle of an entry/,
  ],
};

for (const [title, [layer, message]] of Object.entries(outside)) {
  test(`a layer with ${title} is refused, and nothing is written`, requirements, async (context) => {
    await refused(context, await layoutOf(context, [await rootLayer(context), layer]), message);
  });
}

test(
  'a link out of the root leads to a place inside it, for names of the same layer and of the next',
  requirements,
  async (context) => {
    const directory = await temporaryDirectory(context);
    const images = join(directory, 'images');
    const out = `../../../../../../../../..${directory}`;
    const layout = await layoutOf(context, [
      await rootLayer(context),
      [
        { path: 'srv/abs', symlink: directory },
        { path: 'srv/rel', symlink: out },
        { path: 'srv/abs/precious', content: 'one' },
      ],
      [{ path: 'srv/rel/other', content: 'two' }],
    ]);

    const { paths } = await importFile(context, layout, { images });

    assert.deepEqual(await readdir(directory), ['images']);
    assert.deepEqual(await readdir(images), ['ubuntu-24.04']);
    const inside = directory.slice(1);
    assert.ok(paths.includes(`${inside}/precious`) && paths.includes(`${inside}/other`), paths.join('\n'));
  },
);

/** Makes a layout and lets somebody damage it. */
async function damaged(
  context: TestContext,
  harm: (places: { directory: string; layer: string; manifest: string }) => Promise<void>,
  image: Partial<TestImage> = {},
): Promise<string> {
  const layout = await TestLayout.make(context);
  const root = await rootLayer(context);
  const descriptor = await layout.image({ layers: [root], ...image });
  const manifest = join(layout.directory, 'blobs', descriptor.digest.replace(':', '/'));
  const { layers } = JSON.parse(await readFile(manifest, 'utf8')) as { layers: { digest: string }[] };
  const layer = join(layout.directory, 'blobs', (layers[0]?.digest ?? '').replace(':', '/'));
  await layout.index(descriptor);
  await harm({ directory: layout.directory, layer, manifest });
  return layout.directory;
}

test(
  'a blob with other content than its name says is named, before anything of it is looked at',
  requirements,
  async (context) => {
    const other = /blobs\/sha256\/\w+ has other content than its name says \(\d+ bytes\); get the image again/;

    await refused(context, await damaged(context, ({ layer }) => appendFile(layer, '\0')), other);
    await refused(
      context,
      await damaged(context, async ({ layer }) => writeFile(layer, (await readFile(layer)).subarray(512))),
      other,
    );
    await refused(context, await damaged(context, ({ manifest }) => appendFile(manifest, ' ')), other);
    const flipped = await damaged(context, async ({ layer }) => {
      const bytes = await readFile(layer);
      bytes[700] = (bytes[700] ?? 0) ^ 1;
      await writeFile(layer, bytes);
    });
    await refused(context, flipped, other);
    await refused(context, await damaged(context, ({ layer }) => rm(layer)), /open ".*\/blobs\/sha256\/\w+": ENOENT/);
    await refused(
      context,
      await damaged(context, async ({ layer }) => {
        await rm(layer);
        await mkdir(layer);
      }),
      /open ".*": it is not a regular file/,
    );
  },
);

test('a layer that somebody changes between two looks at it is not put in place', requirements, async (context) => {
  const layout = await TestLayout.make(context);
  const layer = await rootLayer(context);
  const directory = await layout.index(await layout.image({ layers: [layer] }));
  const images = join(dirname(directory), 'images');
  const blobs = join(directory, 'blobs/sha256');

  const outcome = await importImage(directory, {
    images,
    moduleList,
    signal: new AbortController().signal,
    progress: {
      say: () => undefined,
      async follow(what, _total, work) {
        for (const name of what.startsWith('pack') ? await readdir(blobs) : []) {
          const bytes = await readFile(join(blobs, name));
          if (bytes.length !== layer.length) continue;
          bytes[bytes.length - 1] = 1;
          await writeFile(join(blobs, name), bytes);
        }
        return work(() => undefined);
      },
    },
  }).then(String, describeError);

  assert.match(outcome, /has other content than its name says/);
  assert.deepEqual(await readdir(images), []);
});

test('packed data that is damaged, though its name is right', requirements, async (context) => {
  const layout = await TestLayout.make(context);
  const packed = gzipSync(await rootLayer(context));

  const directory = await layout.index(await layout.image({ layers: [packed.subarray(0, -4)] }));

  await refused(context, directory, /layer 1 of 1 \(.*\): its gzip data is damaged or cut short/);
});

test('documents that say nothing useful', requirements, async (context) => {
  const write =
    (name: string, text: string) =>
    ({ directory }: { directory: string }): Promise<void> =>
      writeFile(join(directory, name), text);

  for (const [harm, message] of [
    [
      write('oci-layout', '{"imageLayoutVersion": "2.0.0"}'),
      /"oci-layout" says version "2\.0\.0"; version 1\.0\.0 is known/,
    ],
    [write('index.json', '[]'), /"index\.json" is not a JSON object/],
    [write('index.json', '{"manifests": []}'), /it has no image$/],
    [
      write('index.json', '{"manifests": [{"size": 1, "digest": "sha256:../../../etc/passwd"}]}'),
      /has the digest "sha256:\.\.\/\.\.\/\.\.\/etc\/passwd", which is none/,
    ],
    [write('index.json', '{"manifests": [{"size": -1, "digest": "sha256:00"}]}'), /has the size -1 of "sha256:00"/],
    [({ directory }: { directory: string }) => rm(join(directory, 'index.json')), /open ".*index\.json": ENOENT/],
  ] as const)
    await refused(context, await damaged(context, harm), message);
  await refused(
    context,
    await damaged(context, () => Promise.resolve(), { layerType: 'application/vnd.oci.image.layer.v1.tar+encrypted' }),
    /has a layer of type "application\/vnd\.oci\.image\.layer\.v1\.tar\+encrypted"; archives \(tar\) are read/,
  );
  await refused(
    context,
    await damaged(context, () => Promise.resolve(), { configType: 'application/vnd.cncf.helm.config.v1+json' }),
    /is of something else than an image/,
  );
});

test('a blob may be a link: its content counts', requirements, async (context) => {
  const directory = await damaged(context, async ({ layer }) => {
    const elsewhere = join(await temporaryDirectory(context), 'layer');
    await writeFile(elsewhere, await readFile(layer));
    await rm(layer);
    await symlink(elsewhere, layer);
  });

  assert.equal((await importFile(context, directory)).record.arch, 'x86_64');
});

test('layers whose directories say too much are refused while they are read', requirements, async (context) => {
  const length = 2 ** 20;
  const start = `${length} SCHILY.xattr.user.x=`;
  const record = Buffer.from(`${start}${'x'.repeat(length - start.length - 1)}\n`);
  const extended = extendedHeader(record.length);
  const directories = Array.from({ length: 8 }, (_, index) => [
    ...[extended, record, tarOf([{ path: `srv/${index}/` }]).subarray(0, 512)],
  ]);
  const layer = Buffer.concat([...directories.flat(), Buffer.alloc(1024)]);
  const layout = await TestLayout.make(context);

  const image = await layout.image({ layers: Array.from({ length: 70 }, () => layer), packing: 'zstd' });

  const message = /layer 6[45] of 70 \(.*\): has names and headers of more than 536870912 bytes/;
  await refused(context, await layout.index(image), message);
});

/** POSIX pax(1), "pax Extended Header". */
function extendedHeader(bytes: number): Buffer {
  const block = Buffer.alloc(512);
  const header = new Header({ path: 'PaxHeader', type: 'ExtendedHeader', size: bytes, mode: 0o644 });
  assert.equal(header.encode(block), false);
  return block;
}
