import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RootIndexBuilder } from '../../../inspect/decide/root-index.ts';
import { ArchiveError, TarReader } from '../../../inspect/parse/tar-reader.ts';
import { debianRoot, tarOf } from '../../support/root-archive.ts';

test('what has more links and programs than are remembered is not complete', () => {
  const archive = tarOf(debianRoot);
  const indexWith = (limit: number) => {
    const builder = new RootIndexBuilder(limit);
    new TarReader(builder).push(archive);
    return builder.index();
  };

  assert.equal(indexWith(100).complete, true);
  assert.equal(indexWith(5).complete, false);
  assert.equal(indexWith(5).entries, debianRoot.length);
});

test('pieces of any size give the same', () => {
  const archive = tarOf(debianRoot);
  const read = (bytes: number) => {
    const builder = new RootIndexBuilder();
    const reader = new TarReader(builder);
    for (let at = 0; at < archive.length; at += bytes) reader.push(archive.subarray(at, at + bytes));
    reader.end();
    return builder.index();
  };

  for (const bytes of [1, 7, 511, 512, 513, 4096]) assert.deepEqual(read(bytes), read(archive.length), `${bytes}`);
});

test('what comes later in an archive takes the place of what came before', () => {
  const builder = new RootIndexBuilder();
  const reader = new TarReader(builder);
  reader.push(
    tarOf([
      { path: 'sbin/init', content: 'x', mode: 0o755 },
      { path: './sbin//init', symlink: 'other' },
      { path: 'bin/sh', symlink: 'x' },
      { path: 'bin/./sh', content: 'a', mode: 0o755 },
    ]),
  );
  const { files, links } = builder.index();

  assert.deepEqual([[...files.keys()], [...links.keys()]], [['bin/sh'], ['sbin/init']]);
});

/** Of a pax header that gives the next entry these records, as POSIX pax(1) has them. */
function paxHeader(records: Readonly<Record<string, string>>): Buffer {
  const body = Object.entries(records)
    .map(([name, value]) => {
      const rest = Buffer.byteLength(` ${name}=${value}\n`);
      const length = [...Array(9).keys()].find((digits) => `${rest + digits}`.length === digits) ?? 0;
      return `${rest + length} ${name}=${value}\n`;
    })
    .join('');
  const blocks = tarOf([{ path: 'pax', content: body }]).subarray(0, -1024);
  blocks.write('x', 156);
  blocks.fill(' ', 148, 156);
  const sum = blocks.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  blocks.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return blocks;
}

for (const [what, records, entry] of [
  ['a name', { path: 'a/'.repeat(2 ** 19 - 20) }, { path: 'a' }],
  ['a target of a link', { linkpath: 'a/'.repeat(2049) }, { path: 'a', symlink: 'b' }],
] as const) {
  test(`${what} that is longer than Linux allows is refused, and at once`, () => {
    const reader = new TarReader(new RootIndexBuilder());

    assert.throws(
      () => reader.push(Buffer.concat([paxHeader(records), tarOf([entry])])),
      (error) =>
        error instanceof ArchiveError &&
        /of \d+ bytes, which begins with "a\/a\/.*; Linux allows 4095$/.test(error.message),
    );
  });
}

test('the longest names that Linux allows are read', () => {
  const builder = new RootIndexBuilder();
  const reader = new TarReader(builder);
  reader.push(Buffer.concat([paxHeader({ path: `${'b/'.repeat(2046)}abc` }), tarOf([{ path: 'a', mode: 0o755 }])]));
  reader.end();

  assert.deepEqual([...builder.index().files.keys()], [`${'b/'.repeat(2046)}abc`]);
});

test('the work for a name grows with its length, not with the square of it', () => {
  const builder = new RootIndexBuilder();
  const entry = { mode: 0o755, uid: 0, gid: 0, bytes: 1, target: '' };
  for (let at = 0; at < 1000; at++)
    builder.entry({ ...entry, path: `${'a/'.repeat(at)}link`, type: 'symlink', target: 'b' });
  const startedAt = performance.now();
  const names = ['a/', 'modules/', 'modules/a/', 'os-release', 'os-release/', '.ko/', 'grub/'];
  for (const part of names) {
    const name = part.repeat(4000 / part.length);
    for (let at = 0; at < 3000; at++) builder.entry({ ...entry, path: `${name}${at}`, type: 'file' });
  }
  const tookMs = performance.now() - startedAt;

  assert.ok(tookMs < 30_000, `${Math.round(tookMs)} ms for ${names.length * 3000} names`);
});

test('a module below a directory that is called modules is one of its kernel', () => {
  const builder = new RootIndexBuilder();
  const reader = new TarReader(builder);
  reader.push(
    tarOf([
      { path: 'lib/modules/6.1/extra/modules/a/b.ko', content: 'x' },
      { path: 'lib/modules/6.1/b.ko.xz', content: 'x' },
    ]),
  );

  assert.deepEqual([...builder.index().modules], [['lib/modules/6.1', { modules: 2, index: false }]]);
});
