import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RootIndexBuilder } from '../../../inspect/decide/root-index.ts';
import { TarReader } from '../../../inspect/parse/tar-reader.ts';
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
