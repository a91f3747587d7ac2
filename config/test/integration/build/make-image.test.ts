import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';

const tarball = 'pxeboot_stack_amd64.tar';

describe('make-image.sh', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  function leftovers(): string[] {
    return readdirSync(join(tree.root, 'build')).filter((file) => /\.(new|status)$/.test(file));
  }

  test('writes the tarball, one line for each stage, and the builder’s own words to a log', async () => {
    const { status, output } = await tree.build();

    assert.equal(status, 0, output);
    assert.equal(tree.read(tarball), 'half whole');
    const lines = output
      .replaceAll(/\d+ s\b/g, 'N s')
      .replaceAll(/ +/g, ' ')
      .split('\n');
    assert.deepEqual(lines, [
      `[image] building ${tarball} with buildah on localhost/pxeboot_base_amd64:trixie (made with mmdebstrap)`,
      '[image] N s toolchain',
      '[image] N s container',
      `[image] wrote ${tarball} (0 MB) in N s`,
    ]);
    assert.match(tree.read(`build/${tarball}.log`) ?? '', /^\[1\/2\] STEP 1\/2: FROM base AS toolchain$/m);
    assert.deepEqual(leftovers(), []);
  });

  test('does nothing a second time', async () => {
    await tree.build();
    assert.deepEqual(tree.calls(), ['bud', 'push']);

    const { output } = await tree.build();

    assert.equal(output, `[image] ${tarball} is up to date`);
    assert.deepEqual(tree.calls(), []);
  });

  const changes: [string, (tree: BuildTree) => void][] = [
    ['a file that the Dockerfile copies', (tree) => tree.write('input.ts', '2')],
    ['the Dockerfile', (tree) => tree.write('Dockerfile', 'FROM base\nCOPY input.ts input.ts\n')],
    ['the tarball itself', (tree) => tree.write(tarball, 'somebody else’s')],
  ];
  for (const [what, change] of changes) {
    test(`builds again after a change to ${what}`, async () => {
      await tree.build();
      tree.calls();
      // File times may be as coarse as a clock tick of the kernel.
      await new Promise((resolve) => setTimeout(resolve, 20));
      change(tree);

      await tree.build();

      assert.deepEqual(tree.calls(), ['bud', 'push']);
      assert.equal(tree.read(tarball), 'half whole');
    });
  }

  test('does not build again after a change to a file that is not copied, or to a test of one that is', async () => {
    tree.write('Dockerfile', 'FROM base\nCOPY folder folder\n');
    tree.write('folder/a.ts', '1');
    await tree.build();
    tree.calls();
    tree.write('README.md', 'more');
    tree.write('folder/test/a.test.ts', '2');
    tree.write('folder/node_modules/a/index.js', '3');

    await tree.build();

    assert.deepEqual(tree.calls(), []);
  });

  for (const fake of ['fail', 'fail-push'] as const) {
    test(`leaves the old tarball when the builder fails (${fake})`, async () => {
      tree.write(tarball, 'old');

      const { status, output } = await tree.build(fake);

      assert.equal(status, 1);
      assert.equal(tree.read(tarball), 'old');
      assert.deepEqual(tree.calls().at(-1), 'rm 0b');
      assert.deepEqual(leftovers(), []);
      assert.match(
        output,
        new RegExp(`build ${tarball}: buildah ended with ${fake === 'fail' ? 3 : 4}; the last lines`),
      );
      if (fake === 'fail') assert.match(output, /^E: Unable to locate package nothing$/m);
      assert.match((await tree.build()).output, /wrote/, 'a failed build counts as done');
    });
  }

  test('leaves the old tarball and nothing else when it is interrupted in the middle of writing', async () => {
    tree.write(tarball, 'old');

    const { status } = await tree.buildAndInterrupt('hanging');

    assert.equal(status, 130);
    assert.deepEqual(tree.calls(), ['bud', 'push', 'rm 0b'], 'the working container that was there before is not ours');
    assert.equal(tree.read(tarball), 'old');
    assert.deepEqual(leftovers(), []);
  });
});
