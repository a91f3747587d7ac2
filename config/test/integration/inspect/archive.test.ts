import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { inspectSuite, inspect, inspectAt, known, madeImages, problems } from '../../support/inspect-made-image.ts';
import { debianRoot, elfProgram, emptyFiles, makeImage, tarOf, through } from '../../support/root-archive.ts';

describe('inspecting the archive of an image', inspectSuite, () => {
  const archive = tarOf(debianRoot);
  const packed: [string, string, () => Buffer][] = [
    ['rootfs.tar', 'tar', () => archive],
    ['rootfs.tar.gz', 'gzip', () => gzipSync(archive)],
    ['rootfs.tar.gz', 'xz', () => through('xz', ['-c'], archive)],
    ['rootfs.tar.xz', 'xz', () => through('xz', ['-c'], archive)],
    ['rootfs.tar.bz2', 'bzip2', () => through('bzip2', ['-c'], archive)],
    ['rootfs.tar.zst', 'zstd', () => zstdCompressSync(archive)],
    ['rootfs.tar.gz', 'tar', () => archive],
  ];
  for (const [name, packing, pack] of packed) {
    test(`${name} that is ${packing} is read as that`, async () => {
      const inspection = await inspect({ [name]: pack() });

      assert.deepEqual(problems(inspection), []);
      assert.equal(known(inspection).packing, packing);
    });
  }

  test('archives in several parts are read to their end, as programs that pack in parallel make them', async () => {
    const [first, second] = [archive.subarray(0, 5000), archive.subarray(5000)];
    const zstd = Buffer.concat([zstdCompressSync(first), zstdCompressSync(second)]);
    const gzip = Buffer.concat([gzipSync(first), gzipSync(second), Buffer.alloc(512)]);

    for (const files of [{ 'rootfs.tar.zst': zstd }, { 'rootfs.tar.gz': gzip }]) {
      const inspection = await inspect(files);
      assert.deepEqual(problems(inspection), []);
      assert.equal(known(inspection).files, debianRoot.length);
    }
  });

  test('what is no archive is named for what it is', async () => {
    const html = '<!DOCTYPE html>\n<html><body>404 Not Found</body></html>';

    assert.deepEqual(await inspect({ 'rootfs.tar.gz': html }), {
      faults: [
        { problem: 'images/d/x86_64/rootfs.tar.gz is an HTML page, not an archive', fix: 'fetch the image again' },
      ],
      warnings: [],
      kernelsWithoutModules: [],
    });
    assert.deepEqual(problems(await inspect({ 'rootfs.tar.gz': '' })), ['is empty']);
    assert.deepEqual(problems(await inspect({ 'rootfs.tar.gz': 'QFI\xfb' })).length, 1);
  });

  test('zstd --long=31 is refused with its window; --long=27, which the installer unpacks, is not', async () => {
    const long = (bits: number) => through('zstd', ['-c', '-q', `--long=${bits}`], archive);

    assert.deepEqual((await inspect({ 'rootfs.tar.zst': long(31) })).faults, [
      {
        problem:
          'images/d/x86_64/rootfs.tar.zst is packed with a window of 2048 MiB; the installer can unpack at most 128 MiB',
        fix: 'pack it again without --long',
      },
    ]);
    assert.deepEqual(problems(await inspect({ 'rootfs.tar.zst': long(27) })), []);
  });

  test('an archive that ends in the middle says so, however it is packed', async () => {
    const whole: Record<string, Buffer> = {
      'rootfs.tar': archive,
      'rootfs.tar.gz': gzipSync(archive),
      'rootfs.tar.xz': through('xz', ['-c'], archive),
      'rootfs.tar.bz2': through('bzip2', ['-c'], archive),
      'rootfs.tar.zst': zstdCompressSync(archive),
    };
    for (const [name, bytes] of Object.entries(whole)) {
      const cut = name === 'rootfs.tar' ? archive.indexOf('NAME=') + 3 : bytes.length - 20;
      assert.match(problems(await inspect({ [name]: bytes.subarray(0, cut) })).join(), /^ends in the middle/, name);
    }
    const cutInside = gzipSync(archive.subarray(0, archive.indexOf('NAME=') + 3));
    assert.match(problems(await inspect({ 'rootfs.tar.gz': cutInside })).join(), /^ends in the middle of a file/);
  });

  test('a changed byte is found by the checks of the packing, and of tar where it is not packed', async () => {
    const flip = (bytes: Buffer, at: number): Buffer => {
      const other = Buffer.from(bytes);
      other.writeUInt8(other.readUInt8(at) ^ 0xff, at);
      return other;
    };
    const gzip = gzipSync(archive);
    const xz = through('xz', ['-c'], archive);

    assert.match(
      problems(await inspect({ 'rootfs.tar.gz': flip(gzip, gzip.length - 8) })).join(),
      /corrupt \(gzip: .*crc/,
    );
    assert.match(problems(await inspect({ 'rootfs.tar.xz': flip(xz, xz.length >> 1) })).join(), /is corrupt \(xz: /);
    assert.match(
      problems(await inspect({ 'rootfs.tar': flip(archive, 512 + 10) })).join(),
      /no tar header at .* byte 512$/,
    );
  });

  test('garbage behind the end is refused where the program that unpacks fails on it, and zeros are not', async () => {
    const garbage = Buffer.from('<html>garbage</html>');
    const behind = async (name: string, bytes: Buffer) => problems(await inspect({ [name]: bytes })).join();

    assert.match(
      await behind('rootfs.tar.gz', Buffer.concat([gzipSync(archive), garbage])),
      /^has something behind its end/,
    );
    assert.match(
      await behind('rootfs.tar.zst', Buffer.concat([zstdCompressSync(archive), garbage])),
      /^has something behind/,
    );
    assert.equal(await behind('rootfs.tar.gz', Buffer.concat([gzipSync(archive), Buffer.alloc(4096)])), '');
    assert.equal(await behind('rootfs.tar', Buffer.concat([archive, garbage])), '');
    assert.equal(await behind('rootfs.tar.bz2', Buffer.concat([through('bzip2', ['-c'], archive), garbage])), '');
  });

  test('200,000 files are counted', async () => {
    const files = 200_000;
    const inspection = await inspect({
      'rootfs.tar.zst': zstdCompressSync(Buffer.concat([emptyFiles(files), tarOf(debianRoot)])),
    });

    assert.deepEqual([inspection.faults, inspection.warnings], [[], []]);
    assert.equal(known(inspection).files, debianRoot.length + files);
  });

  test('what GNU tar writes is read: long names, pax with attributes, sparse files with many holes', async () => {
    const root = join(madeImages, 'root');
    const long = `usr/share/${'long-name/'.repeat(30)}`;
    for (const path of ['etc', 'usr/lib/systemd', long]) mkdirSync(join(root, path), { recursive: true });
    for (const [link, target] of [
      ['sbin', 'usr/sbin'],
      ['lib', 'usr/lib'],
    ] as const)
      symlinkSync(target, join(root, link));
    writeFileSync(join(root, 'holes'), 'x');
    execFileSync('sh', [
      '-c',
      `for at in $(seq 1 60); do printf data | dd of=${join(root, 'holes')} bs=1 seek=$((at * 262144)) conv=notrunc status=none; done`,
    ]);
    truncateSync(join(root, 'holes'), 2 ** 26);
    writeFileSync(join(root, long, 'file'), 'content');
    writeFileSync(join(root, 'usr/lib/os-release'), 'ID=ubuntu\nID_LIKE=debian\n');
    writeFileSync(join(root, 'usr/lib/systemd/systemd'), elfProgram(62), { mode: 0o755 });

    for (const format of ['gnu', 'posix']) {
      const path = join(madeImages, `real-${format}`);
      makeImage(path, { 'rootfs.tar': '' });
      const names = ['holes', 'usr', 'etc', 'lib', 'sbin'];
      execFileSync('tar', [`--format=${format}`, '-S', '-cf', join(path, 'rootfs.tar'), '-C', root, ...names]);
      const inspection = await inspectAt(path);

      assert.deepEqual(problems(inspection), [], format);
      assert.deepEqual(known(inspection).osRelease?.idLike, ['debian'], format);
      assert.ok(
        known(inspection).unpackedBytes < 2 ** 22,
        `${known(inspection).unpackedBytes} of ${format}: holes are no content`,
      );
    }
  });

  test('an incremental archive of GNU tar is read: its directories have lists of what is in them', async () => {
    const root = join(madeImages, 'dumped');
    mkdirSync(root);
    execFileSync('tar', ['-xf', '-', '-C', root], { input: archive });
    for (const format of ['gnu', 'posix']) {
      const path = join(madeImages, `incremental-${format}`);
      makeImage(path, { 'rootfs.tar': '' });
      const options = [`--format=${format}`, '-g', join(path, 'snar'), '-cf', join(path, 'rootfs.tar')];
      execFileSync('tar', [...options, '-C', root, '.']);
      const inspection = await inspectAt(path);

      assert.deepEqual(problems(inspection), [], format);
      const content = debianRoot.reduce((sum, entry) => sum + (entry.content ?? '').length, 0);
      assert.equal(known(inspection).unpackedBytes, content, 'the lists are not unpacked');
    }
  });
});
