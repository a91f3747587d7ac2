import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { InputError } from '@pxeboot/config/kit/errors';
import { needs } from '@pxeboot/config/test/support/requirements';
import { execa } from 'execa';

import { probeSources } from '../../src/probe/sources.ts';
import { rootTar, tarOf } from './support/sample-archive.ts';
import { configAt, sourcesServer } from './support/sources-server.ts';

const skippable = Buffer.from('502a4d180400000000000000', 'hex');
const big = tarOf({ './': '', './etc/': '', './etc/data': randomBytes(3 * 2 ** 20), './usr/': '' });

for (const [packing, pack, says] of [
  ['gzip', (tar) => gzipSync(tar), true],
  ['zstd', async (tar) => packWith(tar, 'zstd', `--stream-size=${tar.length}`), true],
  ['xz', async (tar) => packWith(tar, 'xz', '-0', '--block-size=1000000', '-T2'), true],
  ['bzip2', async (tar) => packWith(tar, 'bzip2'), false],
  ['tar', (tar) => tar, true],
] as readonly [string, (tar: Buffer) => Buffer | Promise<Buffer>, boolean][]) {
  for (const tar of [rootTar, big]) {
    const tells = says ? 'tells' : 'does not tell';
    test(`${packing} is known by its first bytes and ${tells} that it unpacks to ${tar.length}`, async (context) => {
      const url = await sourcesServer(context, await pack(tar));

      const found = await probeSources(configAt(url));

      assert.equal(found.packing, packing);
      assert.equal(found.unpackedBytes, says ? tar.length : undefined);
    });
  }
}

for (const [packing, pack] of [
  ['gzip', (part) => gzipSync(part)],
  ['zstd', (part) => Buffer.concat([skippable, zstdCompressSync(part)])],
  ['xz', async (part) => packWith(part, 'xz', '-0')],
  ['bzip2', async (part) => packWith(part, 'bzip2')],
] as readonly [string, (part: Buffer) => Buffer | Promise<Buffer>][]) {
  test(`${packing} in two parts, as programs for several processors write it, does not tell its length`, async (context) => {
    const half = big.length / 2;
    const url = await sourcesServer(
      context,
      Buffer.concat([await pack(big.subarray(0, half)), await pack(big.subarray(half))]),
    );

    const found = await probeSources(configAt(url));

    assert.equal(found.packing, packing);
    assert.equal(found.unpackedBytes, undefined);
  });
}

/** Nothing is erased for these: the reason is told before there is a plan. */
for (const [what, content, reason] of [
  [
    'an HTML page',
    Buffer.from('<!DOCTYPE html><title>404</title>'),
    /rootfs\.tar\.gz: it is an HTML page, and no root file system/,
  ],
  [
    'an HTML page that a server has packed',
    gzipSync('<html>404</html>'),
    /what it unpacks to is no tar archive: it is an HTML page/,
  ],
  [
    'zstd --long=31',
    await packWith(big, 'zstd', '--ultra', '--long=31'),
    /takes a window of 2\.0 GiB.* pack it again: zstd -d --long=31/,
  ],
  [
    'zstd --long=31 behind a frame to be skipped',
    Buffer.concat([skippable, await packWith(big, 'zstd', '--ultra', '--long=31')]),
    /takes a window of 2\.0 GiB/,
  ],
  [
    'a .tar.gz of a .tar.gz',
    gzipSync(gzipSync(rootTar)),
    /it is packed twice: what is in it is packed with gzip again/,
  ],
  [
    'a packed disk image',
    gzipSync(Buffer.from('QFI\xfb\x00\x00\x00\x03', 'latin1')),
    /is no tar archive: it is a qcow2 disk image/,
  ],
  ['packed zeros', gzipSync(Buffer.alloc(2 ** 21)), /it unpacks to nothing, or to zeros/],
  ['packed nothing', gzipSync(''), /it unpacks to nothing, or to zeros/],
  ['a ZIP archive', Buffer.from('PK\x03\x04\x14\x00', 'latin1'), /it is a ZIP archive, and no root/],
  ['gzip that is damaged from the start', gzipSync(rootTar).fill(0xff, 10, 40), /gzip exited with 1: /],
  ['gzip that was cut short', gzipSync(rootTar).subarray(0, -20), /gzip exited with 1: ".*unexpected end of file/],
  [
    'a plain tar that was cut short between two files',
    big.subarray(0, -1024),
    /this tar archive has no end mark, .* cut short/,
  ],
  ['an OCI image', gzipSync(tarOf({ 'blobs/': '', 'oci-layout': '{}' })), /it holds "oci-layout": it is an OCI image/],
  [
    'what docker save writes',
    tarOf({ '0123456789ab/': '', 'manifest.json': '[]' }),
    /it is an image of a container engine/,
  ],
  [
    'a packed disk',
    gzipSync(tarOf({ 'disk.raw': Buffer.alloc(2 ** 21) })),
    /it holds "disk.raw": it is the image of a disk/,
  ],
  [
    'a root file system in a directory',
    gzipSync(tarOf({ 'rootfs/': '', 'rootfs/bin/': '', 'rootfs/etc/': '', 'rootfs/usr/': '' })),
    /the root file system in it is below the directory "rootfs"; pack what is in/,
  ],
  [
    'a root file system in a directory that is not seen to its end',
    tarOf({ 'rootfs/bin/': '', 'rootfs/etc/': '', 'rootfs/usr/': '', 'rootfs/var/x': Buffer.alloc(2 ** 21) }),
    /the root file system in it is below the directory "rootfs"/,
  ],
  [
    'a tar of something else',
    gzipSync(tarOf({ 'photos/': '', 'photos/1.jpg': 'x' })),
    /it holds "photos" and no root file system/,
  ],
] as readonly [string, Buffer, RegExp][]) {
  test(`${what} in place of a root file system is known before anything is erased`, async (context) => {
    const url = await sourcesServer(context, content);

    await assert.rejects(
      probeSources(configAt(url)),
      (error: unknown) =>
        error instanceof InputError && reason.test(error.message) && error.message.startsWith(`read ${url}/`),
    );
  });
}

test('what the start of an archive does not show passes: a root file system may begin with any directory', async (context) => {
  const url = await sourcesServer(
    context,
    gzipSync(tarOf({ './data/': '', './data/1': randomBytes(2 ** 21), './etc/': '' })),
  );

  assert.equal((await probeSources(configAt(url))).packing, 'gzip');
});

for (const root of ['/', '//', './/', './', '././', '']) {
  test(`names that begin with "${root}" are those of a root file system, and below it of one in a directory`, async (context) => {
    const names = ['bin/', 'etc/', 'usr/'];
    const archive = (prefix: string) => gzipSync(tarOf(Object.fromEntries(names.map((name) => [prefix + name, '']))));
    const sound = await sourcesServer(context, archive(root));
    const nested = await sourcesServer(context, archive(`${root}inner/`));

    assert.equal((await probeSources(configAt(sound))).packing, 'gzip');
    await assert.rejects(probeSources(configAt(nested)), /is below the directory "inner"/);
  });
}

async function packWith(tar: Buffer, program: string, ...options: string[]): Promise<Buffer> {
  const { stdout } = await execa(program, [...options, '-c'], { input: tar, encoding: 'buffer', maxBuffer: 2 ** 28 });
  return Buffer.from(stdout);
}

test('an application that sorts before the root file system next to it is not taken for one', async (context) => {
  const big = Buffer.alloc(2 ** 21);
  const archive = tarOf({
    'app/bin/': '',
    'app/lib/': '',
    'app/tmp/': '',
    'app/vendor/x': big,
    'bin/': '',
    'etc/': '',
  });

  assert.equal((await probeSources(configAt(await sourcesServer(context, archive)))).packing, 'tar');
});

test(
  'memory that unpacking will take is known: the window of zstd, the dictionary of xz',
  needs('xz', 'zstd', 'gzip'),
  async (context) => {
    const archive = tarOf({ 'bin/': '', 'etc/': Buffer.alloc(0), 'usr/x': Buffer.alloc(3 * 2 ** 20, 'x') });
    const pack = async (file: string, ...args: string[]): Promise<Buffer> =>
      Buffer.from((await execa(file, args, { input: archive, encoding: 'buffer' })).stdout);
    const windowOf = async (content: Buffer): Promise<number | undefined> =>
      (await probeSources(configAt(await sourcesServer(context, content)))).windowBytes;

    assert.equal(await windowOf(await pack('xz', '--lzma2=dict=64MiB', '-T1')), 64 * 2 ** 20);
    assert.equal(await windowOf(await pack('xz', '--lzma2=dict=12MiB', '--block-size=1MiB', '-T2')), 12 * 2 ** 20);
    assert.equal(await windowOf(await pack('zstd', '-q', '--long=27', '--no-content-size')), 128 * 2 ** 20);
    assert.equal(await windowOf(await pack('gzip')), undefined);
  },
);
