import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';

describe('the base made from Debian’s archive', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  const base = 'build/base-amd64.tar';
  const imported = ['from scratch', `add -q  ${base} /`, 'config --arch amd64 --cmd /bin/bash ', 'commit -q --rm  '];

  /** A make-base.sh that needs no archive, told from others by a word. */
  function makeWith(word: string): void {
    tree.write('config/build/make-base.sh', `#!/bin/sh\n[ -z "\${FAIL:-}" ] || exit 7\necho "${word} $1" >"$2"\n`);
  }
  /** Calls of the builder, without the base's name. */
  function calls(): string[] {
    return tree.calls().map((call) => call.replace('localhost/pxeboot_base_amd64:trixie', ''));
  }

  test('is made, imported and built on again after a change to make-base.sh, and then kept', async () => {
    await tree.build();
    assert.deepEqual([tree.read(base), calls()], ['base', ['bud', 'push']]);

    makeWith('changed');
    const { status, output } = await tree.build();

    assert.equal(status, 0, output);
    assert.match(output, /^\[image\] making build\/base-amd64\.tar$/m);
    assert.equal(tree.read(base), 'changed amd64\n');
    assert.deepEqual(calls(), [...imported, 'bud', 'push']);
    assert.equal((await tree.build()).output, '[image] pxeboot_stack_amd64.tar is up to date');
    tree.write('input.ts', '2');
    assert.doesNotMatch((await tree.build()).output, /making/);
    assert.deepEqual(calls(), ['bud', 'push']);
  });

  test('is made again when nobody knows what made it', async () => {
    makeWith('known');
    rmSync(join(tree.root, `${base}.recipe`));

    await tree.build();

    assert.deepEqual([tree.read(base), calls()], ['known amd64\n', [...imported, 'bud', 'push']]);
  });

  test('that could not be made is not taken for made, nor the old one for new', async () => {
    makeWith('changed');

    const { status } = await tree.build('', { FAIL: '1' });

    assert.notEqual(status, 0);
    assert.deepEqual([tree.read(base), calls()], ['base', []]);
    await tree.build();
    assert.deepEqual([tree.read(base), calls()], ['changed amd64\n', [...imported, 'bud', 'push']]);
  });

  test('is imported by the builder that has only an older one', async () => {
    rmSync(join(tree.root, `${base}.buildah`));

    const { output } = await tree.build();

    assert.doesNotMatch(output, /making/);
    assert.deepEqual(calls(), [...imported, 'bud', 'push']);
  });
});
