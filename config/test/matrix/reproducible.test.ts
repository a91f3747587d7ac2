import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';

import { execa } from 'execa';

import { unlessMissing } from '../support/requirements.ts';

const project = join(import.meta.dirname, '../../..');
const sources = ['package.json', 'package-lock.json', 'config', 'boot_handler', 'vm_watcher', 'os_installer', 'initrd'];
const left = /\/(node_modules|test)$/;

const other = process.arch === 'arm64' ? 'x86.64' : 'aarch64';
const { stdout: strips } = await execa(
  'sh',
  ['-c', 'command -v llvm-strip x86_64-linux-gnu-strip aarch64-linux-gnu-strip; strip --info'],
  { reject: false },
);
const requirements = unlessMissing(
  new RegExp(`llvm-strip|${other}`).test(strips)
    ? undefined
    : 'needs a strip for the other architecture; apt-get install binutils-multiarch',
);

describe('built in two directories, one after the other, comes out byte for byte the same', requirements, () => {
  let directory: string;
  const trees: string[] = [];
  before(async () => {
    // On the file system of the project, for hard links to its packages.
    await mkdir(join(project, 'build'), { recursive: true });
    directory = await mkdtemp(join(project, 'build/reproducible-'));
    for (const name of ['first', 'deeper/second']) {
      const tree = join(directory, name);
      for (const each of sources) {
        await cp(join(project, each), join(tree, each), { recursive: true, filter: (path) => !left.test(path) });
      }
      await execa('cp', ['-al', join(project, 'node_modules'), tree]);
      trees.push(tree);
    }
  });
  after(() => rm(directory, { recursive: true }));

  /** Runs a script of a tree as another user with another clock would. */
  async function runIn(tree: string, script: string, ...args: string[]): Promise<void> {
    const env = { PATH: `${tree}/node_modules/.bin:${process.env['PATH'] ?? ''}` };
    const zone = { TZ: tree === trees[0] ? 'UTC' : 'Asia/Tokyo' };
    await execa(join(tree, script), args, { cwd: tree, env: { ...env, ...zone }, timeout: 600_000 });
  }

  test('each program as one file, and the schemas', async () => {
    for (const tree of trees) await runIn(tree, 'config/build/bundle.sh', join(tree, 'out'), join(tree, 'meta'));

    const [first, second] = await Promise.all(trees.map((tree) => digests(join(tree, 'out'))));
    assert.equal(first?.length, 11, 'four services, the installer, what builds the initrds, and five schemas');
    assert.deepEqual(second, first);
  });

  // pkg writes the bundle's absolute path into the executable, so that is the same for both, as it is in every image build.
  test('the installer’s executables, from a bundle at the same path', async () => {
    const bundles = join(directory, 'bundles');
    for (const tree of trees) {
      await rm(bundles, { recursive: true, force: true });
      await cp(join(tree, 'out/installer'), bundles, { recursive: true });
      await runIn(tree, 'os_installer/compile.sh', join(bundles, 'os-installer.cjs'), join(tree, 'executables'));
    }

    const [first, second] = await Promise.all(trees.map((tree) => digests(join(tree, 'executables'))));
    assert.deepEqual(
      first?.map((each) => each.split(' ')[0]),
      ['os-installer-aarch64', 'os-installer-x86_64'],
    );
    assert.deepEqual(second, first);
  });
});

/** Each file below a directory with its size and SHA-256, sorted. */
async function digests(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const lines = files.sort().map(async (file) => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return `${relative(directory, file)} ${(await stat(file)).size} ${hash.digest('hex')}`;
  });
  return Promise.all(lines);
}
