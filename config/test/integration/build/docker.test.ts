import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';
import { docker } from './support/docker.ts';

describe('make all with docker buildx', () => {
  let tree: BuildTree;

  beforeEach(() => {
    tree = createBuildTree();
    tree.write('bin/docker', docker);
  });
  afterEach(() => tree.dispose());

  test('imports each base for its own architecture, builds, and saves one image under one name', async () => {
    const { status, output } = await tree.make('all', { BUILDER: 'docker' });

    assert.equal(status, 0, output);
    const importOf = (arch: string): string =>
      `buildx build -q --platform linux/${arch} --load -t localhost/pxeboot_base_${arch}:trixie -f - build`;
    const buildOf = (arch: string): string[] => [
      `buildx build --progress=plain --platform linux/${arch} … --load -t pxeboot_stack:latest .`,
      'save pxeboot_stack:latest',
    ];
    assert.deepEqual(tree.calls(), [
      ...[importOf('amd64'), ...buildOf('amd64')],
      ...[importOf('arm64'), importOf('amd64'), ...buildOf('arm64')],
    ]);
    const base = (arch: string): string => `FROM scratch\nADD base-${arch}.tar /\n`;
    assert.equal(tree.read('dockerfiles'), base('amd64') + base('arm64') + base('amd64'));
    assert.deepEqual([tree.tarball('amd64'), tree.tarball('arm64')], ['whole', 'whole']);
    assert.equal(tree.read('attestations'), '1\n', 'the tarball would hold a second image, which describes the first');
  });

  test('says where no engine answers, when docker is asked for', async () => {
    const { status, output } = await tree.make('image', {
      BUILDER: 'docker',
      ENGINE: 'down',
      DOCKER_HOST: 'ssh://build.example',
    });

    assert.notEqual(status, 0);
    assert.match(
      output,
      /^\[image\] BUILDER is "docker", but no engine answers docker at DOCKER_HOST "ssh:\/\/build\.example"; start it, or unset DOCKER_HOST$/m,
    );
    assert.deepEqual(tree.calls(), []);
  });

  test('does not ask this machine for what an engine elsewhere cannot run', async () => {
    const remote = { BUILDER: 'docker', BASE: 'registry', PLATFORMS: 'linux/amd64, linux/386' };
    const { status, output } = await tree.make('all', { ...remote, DOCKER_HOST: 'ssh://build.example' });

    assert.notEqual(status, 0);
    assert.match(output, /Docker's engine cannot run programs of arm64\..* docker run .* --install arm64$/m);
    assert.equal(tree.tarball('amd64'), 'whole');
    assert.equal(tree.tarball('arm64'), 'none');
  });

  test('on Linux this machine’s kernel may know what an engine of its own cannot tell', async () => {
    const own = { BUILDER: 'docker', BASE: 'registry', PLATFORMS: 'linux/amd64, linux/386' };

    const { status, output } = await tree.make('all', own);

    assert.equal(status, 0, output);
    assert.equal(tree.tarball('arm64'), 'whole');
  });
});
