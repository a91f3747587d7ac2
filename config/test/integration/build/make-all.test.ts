import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';

const setup = 'setup FOR=image FOREIGN=1';

describe('make -C … all', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  function tarballs(): string[] {
    return [tree.tarball('amd64'), tree.tarball('arm64')];
  }

  test('writes both tarballs, from any directory, after installing what builds them', async () => {
    const { status, output } = await tree.make('all');

    assert.equal(status, 0, output);
    assert.deepEqual(tarballs(), ['whole', 'whole']);
    assert.deepEqual(tree.calls(), [setup, 'bud', 'push', 'bud', 'push']);
  });

  test('builds nothing a second time', async () => {
    await tree.make('all');
    tree.calls();

    const { output } = await tree.make('all');

    assert.match(output, /pxeboot_stack_amd64\.tar is up to date\n.*pxeboot_stack_arm64\.tar is up to date/);
    assert.deepEqual(tree.calls(), [setup]);
  });

  test('installs nothing where a Docker engine builds', async () => {
    await tree.make('all', { BUILDER: 'docker', DOCKER_STATUS: '0' });

    assert.deepEqual(
      tree.calls().filter((call) => call.startsWith('setup')),
      [],
    );
  });

  test('installs buildah where it is asked for, though a Docker engine builds', async () => {
    await tree.make('all', { DOCKER_STATUS: '0' });

    assert.deepEqual(tree.calls(), [setup, 'bud', 'push', 'bud', 'push']);
  });

  test('ends with the first tarball that cannot be built', async () => {
    const { status } = await tree.make('all', { FAKE: 'fail' });

    assert.notEqual(status, 0);
    assert.deepEqual(tree.calls(), [setup, 'bud', 'rm 0b']);
  });

  test('interrupted, begins no second tarball and leaves no half one', async () => {
    const { status } = await tree.interrupt('make all', 'hanging');

    assert.notEqual(status, 0);
    assert.deepEqual(tree.calls(), [setup, 'bud', 'push', 'rm 0b']);
    assert.deepEqual(tarballs(), ['none', 'none']);
    assert.deepEqual(
      readdirSync(tree.root).filter((file) => file.endsWith('.new')),
      [],
    );
  });
});

describe('make clean', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  test('removes tarballs, whole and half, the directory build, and the images that the builder keeps', async () => {
    await tree.make('all');
    tree.write('pxeboot_stack_arm64.tar.new', 'half');
    tree.write('images/debian-12/x86_64/rootfs.tar.gz', 'kept');
    tree.calls();

    const { status, output } = await tree.make('clean');

    assert.equal(status, 0, output);
    assert.deepEqual(
      readdirSync(tree.root).filter((file) => /^(pxeboot|build|images)/.test(file)),
      ['images'],
    );
    assert.deepEqual(tree.calls(), [
      'rmi docker.io/library/pxeboot_stack:latest',
      'rmi docker.io/library/pxeboot_stack_initrds:latest',
      'rmi localhost/pxeboot_base_amd64:trixie',
      'rmi localhost/pxeboot_base_arm64:trixie',
    ]);
  });

  test('tells where image directories are kept that are not in the clone', async () => {
    const none = await tree.make('clean', { XDG_CACHE_HOME: tree.root });
    tree.write('pxeboot_stack/images/debian-12/x86_64/0123/record.json', '{}');

    const some = await tree.make('clean', { XDG_CACHE_HOME: tree.root });

    assert.doesNotMatch(none.output, /other clones/);
    const kept = join(tree.root, 'pxeboot_stack');
    assert.ok(some.output.includes(`[image] "${kept}" stays, with image directories for all clones; rm -r "${kept}"`));
    assert.ok(existsSync(join(kept, 'images')));
  });
});
