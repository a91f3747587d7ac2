import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { execa } from 'execa';

import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';
import { docker } from './support/docker.ts';

const repository = join(import.meta.dirname, '../../../..');

describe('the names under which pvmlab calls make', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  const both = { amd64: 'whole', arm64: 'whole' };
  const written: [string, typeof both | Record<string, string>, string][] = [
    ['save', both, 'setup FOR=image FOREIGN=1'],
    ['amd64', { amd64: 'whole', arm64: 'none' }, 'setup FOR=image FOREIGN=0'],
    ['save-amd64', { amd64: 'whole', arm64: 'none' }, 'setup FOR=image FOREIGN=0'],
    ['arm64', { amd64: 'none', arm64: 'whole' }, 'setup FOR=image FOREIGN=1'],
    ['save-arm64', { amd64: 'none', arm64: 'whole' }, 'setup FOR=image FOREIGN=1'],
  ];
  for (const [target, expected, setup] of written) {
    test(`make ${target} writes ${JSON.stringify(expected)}`, async () => {
      const { status, output } = await tree.make(target);

      assert.equal(status, 0, output);
      assert.deepEqual({ amd64: tree.tarball('amd64'), arm64: tree.tarball('arm64') }, expected);
      assert.equal(tree.calls()[0], setup);
    });
  }

  test('make tar writes this machine’s tarball under a name without architecture, as the same file', async () => {
    const { status, output } = await tree.make('tar');

    assert.equal(status, 0, output);
    assert.equal(tree.read('pxeboot_stack.tar'), tree.read('image-amd64'));
    tree.write('input.ts', 'changed');
    assert.equal((await tree.make('tar')).status, 0, 'once more, over the old one');
    assert.equal((await tree.make('clean')).status, 0);
    assert.equal(tree.read('pxeboot_stack.tar'), undefined);
  });

  for (const words of [['initrds'], ['-C', 'initrd', 'all']]) {
    test(`make ${words.join(' ')} writes the initrds of both architectures, and no tarball`, async () => {
      const { status, output } = await tree.makeWith(words);

      assert.equal(status, 0, output);
      for (const arch of ['x86_64', 'aarch64'])
        assert.equal(tree.read(`initrd/output/${arch}/initrd.gz`), `initrd of ${arch}`);
      assert.match(
        tree.read('options') ?? '',
        / --target initrd-output .* -t docker\.io\/library\/pxeboot_stack_initrds:latest \.$/m,
      );
      assert.equal(tree.tarball(), 'none');
      assert.deepEqual(readdirSync(join(tree.root, 'initrd')).sort(), ['Makefile', 'output']);
      tree.calls();
      assert.match((await tree.makeWith(words)).output, /^\[image\] initrd\/output is up to date$/m);
      assert.deepEqual(tree.calls(), []);
    });
  }

  test('make initrds with Docker builds the same stage', async () => {
    tree.write('bin/docker', docker.replace('cat "image-$(cat built)"', 'cat image-initrds'));

    const { status, output } = await tree.make('initrds', { BUILDER: 'docker' });

    assert.equal(status, 0, output);
    assert.equal(tree.read('initrd/output/aarch64/initrd.gz'), 'initrd of aarch64');
    assert.deepEqual(tree.calls().slice(-2), [
      'buildx build --progress=plain --platform linux/amd64 … --load -t pxeboot_stack_initrds:latest .',
      'save pxeboot_stack_initrds:latest',
    ]);
  });

  test('a failed build leaves the old initrds', async () => {
    tree.write('initrd/output/x86_64/initrd.gz', 'old');

    const { status, output } = await tree.make('initrds', { FAKE: 'fail' });

    assert.notEqual(status, 0);
    assert.match(
      output,
      /build initrd\/output: buildah ended with 3; the last lines of build\/initrds\.log stand above/,
    );
    assert.equal(tree.read('initrd/output/x86_64/initrd.gz'), 'old');
  });

  test('make -C initrd clean removes the initrds alone, also when there are none', async () => {
    await tree.make('initrds');
    await tree.make('image');

    assert.equal((await tree.makeWith(['-C', 'initrd', 'clean'])).status, 0);
    assert.deepEqual(readdirSync(join(tree.root, 'initrd')), ['Makefile']);
    assert.equal(tree.tarball(), 'whole');
    assert.equal((await tree.makeWith(['-C', 'initrd', 'clean'])).status, 0);
  });

  test('make download-assets says in one line that there is nothing to do', async () => {
    const { status, output } = await tree.make('download-assets');

    assert.equal(status, 0);
    assert.match(
      output,
      /^(make.*\n)?\[image\] nothing to download: the build fetches iPXE, Node and all packages itself.*(\nmake.*)?$/,
    );
  });

  test('make build-boot-handler without npm says that the image build needs none, and ends well', async () => {
    for (const tool of ['sh', 'make', 'dirname']) {
      tree.write(`few/${tool}`, `#!/bin/sh\nexec ${execFileSync('which', [tool], { encoding: 'utf8' }).trim()} "$@"\n`);
      execFileSync('chmod', ['+x', join(tree.root, 'few', tool)]);
    }

    const { status, output } = await tree.make('build-boot-handler', { PATH: join(tree.root, 'few') });

    assert.equal(status, 0, output);
    assert.match(output, /boot_handler is not bundled here: npm is not installed\. The image build needs none/);
  });

  test('make build-boot-handler writes a program that Node runs', async () => {
    const make = await execa('make', ['-C', repository, 'build-boot-handler'], { all: true, reject: false });

    assert.equal(make.exitCode, 0, make.all);
    const program = join(repository, 'build/bundles/services/boot_handler.cjs');
    assert.match((await execa(process.execPath, [program, '--help'])).stdout, /--listen/);
  });

  test('make help lists each of them', async () => {
    const { output } = await tree.make('help');

    const names = ['amd64', 'arm64', 'save', 'save-amd64', 'save-arm64', 'tar', 'initrds', 'build-boot-handler'];
    for (const name of [...names, 'download-assets', 'clean'])
      assert.match(output, new RegExp(`^  make ${name} +\\S`, 'm'));
  });
});

describe('IMAGE_NAME and IMAGE_TAG', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  const names: [string, string, string][] = [
    ['my_stack', 'docker.io/library/my_stack', 'my_stack_amd64.tar'],
    ['me/stack', 'docker.io/me/stack', 'stack_amd64.tar'],
    ['ghcr.io/me/stack', 'ghcr.io/me/stack', 'stack_amd64.tar'],
    ['localhost/stack', 'localhost/stack', 'stack_amd64.tar'],
  ];
  for (const [name, full, file] of names) {
    test(`${name}:v1.2 is the image in ${file}, given to make or in the environment`, async () => {
      const { status, output } = await tree.makeWith(['amd64', `IMAGE_NAME=${name}`, 'IMAGE_TAG=v1.2']);

      assert.equal(status, 0, output);
      assert.equal(tree.read(file), tree.read('image-amd64'));
      assert.match(tree.read('options') ?? '', new RegExp(` -t ${full}:v1\\.2 \\.$`, 'm'));
      assert.equal(tree.tarball(), 'none');
      tree.calls();
      await tree.make('amd64', { IMAGE_NAME: name, IMAGE_TAG: 'v1.2' });
      assert.deepEqual(tree.calls().slice(1), [], 'it is up to date');
      await tree.make('amd64', { IMAGE_NAME: name });
      assert.deepEqual(tree.calls().slice(1), ['bud', 'push'], 'another tag is another image');
      await tree.make('clean', { IMAGE_NAME: name });
      assert.equal(tree.read(file), undefined);
      assert.ok(tree.calls().includes(`rmi ${full}:latest`));
    });
  }

  test('with Docker they are the name that it saves', async () => {
    tree.write('bin/docker', docker);

    const { status, output } = await tree.make('amd64', { BUILDER: 'docker', IMAGE_NAME: 'me/stack', IMAGE_TAG: '2' });

    assert.equal(status, 0, output);
    assert.deepEqual(tree.calls().slice(-1), ['save me/stack:2']);
  });

  const wrong: [Record<string, string>, RegExp][] = [
    [{ IMAGE_NAME: 'My Stack' }, /IMAGE_NAME is "My Stack"; expected a name such as pxeboot_stack or /],
    [{ IMAGE_NAME: '../x' }, /IMAGE_NAME is "\.\.\/x"; expected/],
    [{ IMAGE_NAME: 'stack/' }, /IMAGE_NAME is "stack\/"; expected/],
    [{ IMAGE_NAME: 'stack:v1' }, /IMAGE_NAME is "stack:v1"; expected/],
    [{ IMAGE_TAG: 'a b' }, /IMAGE_TAG is "a b"; expected a tag such as latest or v1\.2/],
    [{ IMAGE_TAG: '-a' }, /IMAGE_TAG is "-a"; expected/],
  ];
  for (const [env, expected] of wrong) {
    test(`${JSON.stringify(env)} is refused before anything is built or removed`, async () => {
      tree.write('pxeboot_stack_amd64.tar', 'old');

      for (const target of ['image', 'amd64', 'all', 'tar', 'clean', 'initrds']) {
        const { status, output } = await tree.make(target, env);

        assert.notEqual(status, 0, target);
        assert.match(output, expected, target);
      }
      assert.deepEqual(tree.calls(), []);
      assert.equal(tree.read('pxeboot_stack_amd64.tar'), 'old');
    });
  }
});
