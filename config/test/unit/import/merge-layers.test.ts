import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createMemoryBudget } from '../../../import/oci/decide/kept-entries.ts';
import type { MergedEntry } from '../../../import/oci/decide/merge-layers.ts';
import { createLayerMerger } from '../../../import/oci/decide/merge-layers.ts';

type Made = Partial<MergedEntry> & { path: string };

/** What layers leave: directories by their names, other names with layer and ordinal of their content. */
function merged(...layers: readonly (readonly Made[])[]): string[] {
  const merger = createLayerMerger<string>(createMemoryBudget());
  for (const layer of layers) {
    merger.add(
      layer.map((entry, ordinal) => {
        const type = entry.type ?? (entry.path.endsWith('/') ? 'directory' : 'file');
        return { target: '', ...entry, type, ordinal, header: entry.path };
      }),
    );
  }
  const { directories, places } = merger.files();
  const files = places.flatMap((layer, index) => [...layer].map(([at, names]) => `${names.join('=')} ${index}.${at}`));
  return [...directories.map(({ path }) => `${path}/`), ...files].sort();
}

test('a file has one content, that of the last layer that has it, and as many names as hard links are left', () => {
  const files = merged(
    [{ path: 'a/' }, { path: 'a/x' }, { path: 'a/y', type: 'hardlink', target: 'a/x' }, { path: 'a/z' }],
    [{ path: 'a/x' }, { path: 'b', type: 'hardlink', target: '/a/y' }, { path: 'a/.wh.z' }],
  );

  assert.deepEqual(files, ['a/', 'a/x 1.0', 'a/y=b 0.1']);
});

test('a directory that no layer names is only implied', () => {
  assert.deepEqual(merged([{ path: 'a/b/c' }]), ['a/b/c 0.0']);
  assert.deepEqual(merged([{ path: './' }, { path: '/' }, { path: '', type: 'directory' }]), ['/']);
});

test('names deeper than Linux allows are refused, also those that links make', () => {
  const long = 'd/'.repeat(2000);

  assert.throws(() => merged([{ path: `${long}${'e'.repeat(200)}` }]), {
    message: /^has a name of more than 4095 bytes, which begins with "d\/d/,
  });
  assert.throws(() => merged([{ path: `l`, type: 'symlink', target: long }, { path: `l/${'e'.repeat(100)}/f` }]), {
    message: /^has a name of more than 4095 bytes/,
  });
});

test('what `..` of a link leads to is not above the root', () => {
  const files = merged([{ path: 'a/l', type: 'symlink', target: '../../../b' }, { path: 'a/l/x' }]);

  assert.deepEqual(files, ['a/l 0.0', 'b/x 0.1']);
});

test('a link that says more than Linux allows is refused', () => {
  for (const type of ['symlink', 'hardlink'] as const)
    assert.throws(() => merged([{ path: 'l', type, target: 'x/'.repeat(3000) }]), {
      message: /^has (a name|"l", a link to a name) of more than 4095 bytes/,
    });
});

test('directories that names only imply count too, each of them once', () => {
  let count = 0;
  const merger = createLayerMerger<string>({ take: () => (count += 1) });
  const entry = { type: 'file', target: '', ordinal: 0 } as const;

  merger.add([
    { ...entry, path: 'd/'.repeat(1000) + 'x' },
    { ...entry, path: 'd/'.repeat(1000) + 'y' },
  ]);

  assert.equal(count, 1000);
});
