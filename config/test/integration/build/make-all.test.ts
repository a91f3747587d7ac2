import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';

const tarballs = ['pxeboot_stack_amd64.tar', 'pxeboot_stack_arm64.tar'];

describe('make -C … all', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  test('writes both tarballs, from any directory, after installing what builds them', async () => {
    const { status, output } = await tree.makeAll();

    assert.equal(status, 0, output);
    assert.deepEqual(
      tarballs.map((each) => tree.read(each)),
      ['half whole', 'half whole'],
    );
    assert.deepEqual(tree.calls(), ['setup FOREIGN=1', 'bud', 'push', 'bud', 'push']);
  });

  test('builds nothing a second time', async () => {
    await tree.makeAll();
    tree.calls();

    const { output } = await tree.makeAll();

    assert.match(output, /pxeboot_stack_amd64\.tar is up to date\n.*pxeboot_stack_arm64\.tar is up to date/);
    assert.deepEqual(tree.calls(), ['setup FOREIGN=1']);
  });

  test('installs nothing where a Docker engine builds', async () => {
    await tree.makeAll({ DOCKER_STATUS: '0' });

    assert.deepEqual(tree.calls(), ['bud', 'push', 'bud', 'push']);
  });

  test('ends with the first tarball that cannot be built', async () => {
    const { status } = await tree.makeAll({ FAKE: 'fail' });

    assert.notEqual(status, 0);
    assert.deepEqual(tree.calls(), ['setup FOREIGN=1', 'bud', 'rm 0b']);
  });
});
