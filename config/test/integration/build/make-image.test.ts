import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { needs } from '../../support/requirements.ts';
import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';

const tarball = 'pxeboot_stack_amd64.tar';

describe('make-image.sh', () => {
  let tree: BuildTree;

  beforeEach(() => (tree = createBuildTree()));
  afterEach(() => tree.dispose());

  function leftovers(): string[] {
    const files = [...readdirSync(tree.root), ...readdirSync(join(tree.root, 'build'))];
    return files.filter((file) => /\.(new|status)$|lock/.test(file));
  }

  test('writes the tarball, one line for each stage, and the builder’s own words to a log', async () => {
    const { status, output } = await tree.build();

    assert.equal(status, 0, output);
    assert.equal(tree.tarball(), 'whole');
    const lines = output
      .replaceAll(/\d+ s\b/g, 'N s')
      .replaceAll(/ +/g, ' ')
      .split('\n');
    assert.deepEqual(lines, [
      '[image] the image will not name its commit: fatal: not a git repository (or any of the parent directories): .git',
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
    ['what it may do: a file is made a program', (tree) => chmodSync(join(tree.root, 'input.ts'), 0o755)],
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
      assert.equal(tree.tarball(), 'whole');
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
    tree.write('folder/.DS_Store', '4');

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

    const { status } = await tree.interrupt('make-image.sh', 'hanging');

    assert.equal(status, 130);
    assert.deepEqual(tree.calls(), ['bud', 'push', 'rm 0b'], 'the working container that was there before is not ours');
    assert.equal(tree.read(tarball), 'old');
    assert.deepEqual(leftovers(), []);
  });

  test('leaves the old tarball when what was written is for another architecture', async () => {
    tree.write(tarball, 'old');

    const { status, output } = await tree.build('other-architecture');

    assert.equal(status, 1);
    assert.match(output, /what buildah wrote is not an image for amd64; does another build use the same engine\?/);
    assert.equal(tree.read(tarball), 'old');
    assert.deepEqual(leftovers(), []);
  });

  test('two at once: the second waits, says for whom, and then has nothing to do', async () => {
    const first = tree.build('pause');
    await until(() => tree.read(`build/${tarball}.log`)?.includes('pausing') === true);
    let told = '';
    const second = tree.build('', {}, (text) => (told += text));
    await until(() => told.includes('waiting'));
    const holder = tree.read('build/lock/pid')?.trim();
    tree.write('go', '');

    assert.equal((await first).status, 0);
    const { status, output } = await second;
    assert.equal(status, 0);
    const lines = output.split('\n');
    assert.equal(lines[0], `[image] waiting for the build of process ${holder} (if none runs, remove ${lockOf(tree)})`);
    assert.deepEqual(lines.slice(1), [`[image] ${tarball} is up to date`]);
    assert.deepEqual(tree.calls(), ['bud', 'push']);
    assert.equal(tree.tarball(), 'whole');
    assert.deepEqual(leftovers(), []);
  });

  test('the lock of a build that was killed stops no other', async () => {
    const { pid } = endedProcess();
    tree.write('build/lock/pid', `${pid}\n`);

    const { status, output } = await tree.build();

    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /waiting/);
    assert.deepEqual(leftovers(), []);
  });

  test('another base than the one it was built on is built on again; any is good when none is asked for', async () => {
    await tree.build();
    tree.calls();

    await tree.build('', { BASE: 'auto' });
    assert.deepEqual(tree.calls(), []);
    await tree.build('', { BASE: 'registry' });
    assert.deepEqual(tree.calls(), ['bud', 'push']);
    await tree.build('', { BASE: 'registry' });
    assert.deepEqual(tree.calls(), []);
  });

  test('FRESH=1 builds what is up to date, without the builder’s cache', async () => {
    await tree.build('', { BASE: 'registry' });
    tree.calls();
    assert.doesNotMatch(tree.read('options') ?? '', /--no-cache/);

    await tree.build('', { BASE: 'registry', FRESH: '1' });

    assert.deepEqual(tree.calls(), ['bud', 'push']);
    assert.match(tree.read('options') ?? '', / --no-cache /);
  });

  describe('the labels', () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: tree.root,
        encoding: 'utf8',
        env: { ...process.env, GIT_COMMITTER_DATE: '2026-02-03T04:05:06+02:00' },
      });
    const label = (name: string): string | undefined =>
      new RegExp(` ${name}=(\\S*)`).exec(tree.read('options') ?? '')?.[1];

    beforeEach(() => {
      tree.write('README.md', '1');
      git('init', '--quiet');
      git('add', 'Dockerfile', '.dockerignore', 'input.ts', 'README.md', 'config');
      git('commit', '--quiet', '--message', 'one');
    });

    test('name the commit, and that a file of the image is not as it was committed', async () => {
      const commit = git('rev-parse', 'HEAD').trim();

      tree.write('README.md', '2');
      await tree.build();
      assert.equal(label('REVISION'), commit);
      tree.write('input.ts', '2');
      await tree.build();
      assert.equal(label('REVISION'), `${commit}-dirty`);
      git('commit', '--quiet', '--all', '--message', 'two');
      await tree.build();
      assert.equal(label('REVISION'), git('rev-parse', 'HEAD').trim());
    });

    test('name version, base, the commit’s time in UTC, and no source where there is none', async () => {
      await tree.build('', { TZ: 'Asia/Tokyo' });

      assert.deepEqual(['VERSION', 'BASE_IMAGE', 'CREATED', 'SOURCE'].map(label), [
        '1.2.3',
        'localhost/pxeboot_base_amd64:trixie',
        '2026-02-03T02:05:06Z',
        '',
      ]);
    });

    const remotes: [string, string][] = [
      ['https://git.example/a/b.git', 'https://git.example/a/b.git'],
      ['https://user:secret@git.example/a/b.git', 'https://git.example/a/b.git'],
      ['git@git.example:a/b.git', 'git@git.example:a/b.git'],
      ['/home/somebody/b', ''],
      ['file:///home/somebody/b', ''],
    ];
    for (const [remote, source] of remotes) {
      test(`name ${source === '' ? 'no source' : source} for a clone of ${remote}`, async () => {
        git('remote', 'add', 'origin', remote);

        await tree.build();

        assert.equal(label('SOURCE'), source);
      });
    }
  });
});

test('make-image.sh on a disk that fills up leaves the old tarball and room', needs('mount'), async () => {
  const directory = mkdtempSync(join(tmpdir(), 'small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'small', directory]);
  try {
    const tree = createBuildTree(process.env['PATH'], directory);
    tree.write(tarball, 'old');

    const { status, output } = await tree.build('large');

    assert.equal(status, 1, output);
    assert.match(output, /No space left on device/);
    assert.match(
      output,
      /buildah ended with \S.*; the last lines of .* The old pxeboot_stack_amd64\.tar.* is untouched$/m,
    );
    assert.equal(tree.read(tarball), 'old');
    const { bavail, bsize } = statfsSync(directory);
    assert.ok(bavail * bsize > 1_000_000, 'the half tarball is gone');
    assert.match((await tree.build()).output, /wrote/, 'with room again it is built');
  } finally {
    execFileSync('umount', [directory]);
    rmdirSync(directory);
  }
});

function lockOf(tree: BuildTree): string {
  return join(realpathSync(tree.root), 'build/lock');
}

/** Waits for a condition, 10 s at most. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    assert.ok(tries < 200, 'waited 10 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A process that has ended. */
function endedProcess(): { pid: number } {
  return spawnSync(process.execPath, ['-e', '']);
}
