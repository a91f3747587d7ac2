import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';

/** An engine that has no image, emulates, and writes down what it is asked. */
const docker = `#!/bin/sh
case "$1 $2" in
  'info '* | 'buildx version') exit 0 ;;
  'image inspect') exit 1 ;;
  'buildx inspect') echo 'Platforms: linux/amd64, linux/arm64'; exit 0 ;;
esac
echo "$*" | sed 's/ --build-arg.*--load/ … --load/' >> calls
case "$*" in
  *' -f - '*) cat >> dockerfiles ;;
  buildx*) echo '#5 [toolchain 1/2] FROM base' ;;
  save*) echo whole > "$3" ;;
esac
`;

describe('make all with docker buildx', () => {
  let tree: BuildTree;

  beforeEach(() => {
    tree = createBuildTree();
    tree.write('bin/docker', docker);
  });
  afterEach(() => tree.dispose());

  test('imports each base for its own architecture, builds, and saves one image under one name', async () => {
    const { status, output } = await tree.makeAll({ BUILDER: 'docker' });

    assert.equal(status, 0, output);
    const importOf = (arch: string): string =>
      `buildx build -q --platform linux/${arch} --load -t localhost/pxeboot_base_${arch}:trixie -f - build`;
    const buildOf = (arch: string): string[] => [
      `buildx build --progress=plain --platform linux/${arch} … --load -t pxeboot_stack:latest .`,
      `save -o build/pxeboot_stack_${arch}.tar.new pxeboot_stack:latest`,
    ];
    assert.deepEqual(tree.calls(), [
      ...[importOf('amd64'), ...buildOf('amd64')],
      ...[importOf('arm64'), importOf('amd64'), ...buildOf('arm64')],
    ]);
    const base = (arch: string): string => `FROM scratch\nADD base-${arch}.tar /\n`;
    assert.equal(tree.read('dockerfiles'), base('amd64') + base('arm64') + base('amd64'));
    assert.deepEqual(
      ['amd64', 'arm64'].map((arch) => tree.read(`pxeboot_stack_${arch}.tar`)),
      ['whole\n', 'whole\n'],
    );
  });
});
