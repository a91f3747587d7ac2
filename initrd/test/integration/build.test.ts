import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';

import { execa } from 'execa';

import { collectEntries, type BuildInput } from '../../src/build.ts';
import { compress } from '../../src/compress.ts';
import { writeCpio } from '../../src/plan/cpio.ts';

const goodManifest = [
  'link bin usr/bin',
  'file usr/bin/tool 0755 packages:usr/bin/tool',
  'file init 0755 initrd:init',
  'file usr/lib/grub.efi 0644 built:grub.efi',
];

/** Packages, a manifest's folder and an installer, with the times of their files set. */
function prepare(context: TestContext, manifest: string[], time = 1_000_000): BuildInput {
  const directory = mkdtempSync(join(tmpdir(), 'build-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const files = {
    'packages/usr/bin/tool-1': 'a tool',
    'packages/usr/lib/data': 'data',
    'folder/init': '#!/bin/sh',
    'folder/manifest.txt': manifest.join('\n'),
    installer: 'an installer',
    'built/grub.efi': 'a boot loader',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
    utimesSync(join(directory, path), time, time);
  }
  symlinkSync('/usr/bin/tool-1', join(directory, 'packages/usr/bin/tool'));
  return {
    arch: 'x86_64',
    root: join(directory, 'packages'),
    installer: join(directory, 'installer'),
    folder: join(directory, 'folder'),
    built: join(directory, 'built'),
  };
}

test('the same input, at another place and time, gives the same bytes', async (context) => {
  const first = writeCpio(collectEntries(prepare(context, goodManifest)));
  const second = writeCpio(collectEntries(prepare(context, goodManifest, 2_000_000)));

  const options = { compression: 'zstd', level: 3 } as const;
  assert.deepEqual(await compress(second, options), await compress(first, options));
});

test('what is compressed is the archive, with either method', async (context) => {
  const pieces = writeCpio(collectEntries(prepare(context, goodManifest)));

  const zstd = await compress(pieces, { compression: 'zstd', level: 3 });
  const xz = await compress(pieces, { compression: 'xz', level: 3 });

  const archive = Buffer.concat(pieces);
  assert.ok(zstdDecompressSync(zstd).equals(archive));
  const unpacked = await execa('xz', ['-dc'], { input: xz, encoding: 'buffer' });
  assert.ok(archive.equals(unpacked.stdout));
});

test('a file that the image build has made is taken from where it was made', (context) => {
  const grub = collectEntries(prepare(context, goodManifest)).find(({ path }) => path === 'usr/lib/grub.efi');

  assert.ok(grub?.kind === 'file');
  assert.equal(Buffer.from(grub.content).toString(), 'a boot loader');
});

test('a link in the packages, also an absolute one, gives the file it leads to inside them', (context) => {
  const tool = collectEntries(prepare(context, goodManifest)).find(({ path }) => path === 'usr/bin/tool');

  assert.ok(tool?.kind === 'file');
  assert.equal(Buffer.from(tool.content).toString(), 'a tool');
});

test('a path without its usr/ is found below usr', (context) => {
  const entries = collectEntries(prepare(context, ['file data 0644 packages:lib/data']));

  assert.ok(entries.some(({ path }) => path === 'data'));
});

test('everything that is wrong is named at once', (context) => {
  const manifest = [
    'file a 0644 packages:etc/none',
    'file init 0755 initrd:init',
    'file init 0755 installer',
    'leave-out libx.so.1',
  ];
  const input = prepare(context, manifest);

  assert.throws(() => collectEntries(input), {
    name: 'InputError',
    message: [
      `collect the initrd for x86_64: source "packages:etc/none" of a is not in ${input.root}; check manifest.txt and packages.txt`,
      'leave-out "libx.so.1" matches no dlopen note; remove the line',
      'path "init" is claimed twice: by initrd:init and by installer',
    ].join('; '),
  });
});

test('the manifest in force names no busybox applet like one of its programs', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../manifest.txt'), 'utf8');
  const lines = manifest.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  const applets = lines.filter(([kind]) => kind === 'applets').flatMap(([, , ...names]) => names);
  const programs = lines
    .filter(([kind]) => kind === 'file' || kind === 'link')
    .map(([, path = '']) => path.replace(/.*\//, ''));

  assert.deepEqual(
    applets.filter((applet) => programs.includes(applet)),
    [],
  );
});
