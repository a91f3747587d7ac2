import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import { modules, packRoot, release } from './support/packed-root.ts';

const timeoutMs = 60_000;
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const requirements = needs('tar', 'cpio', 'gzip', 'depmod', 'awk');
const script = join(import.meta.dirname, '../../image/build-debian.sh');

/** Builds an image directory: the paths in its archive of modules. */
async function archivedPaths(context: TestContext, env: Record<string, string>): Promise<string[]> {
  const { directory, rootfs } = await packRoot(context);
  const output = join(directory, 'images/x86_64');
  await run(script, ['bookworm', 'x86_64', output], { timeoutMs, env: { ...env, ROOTFS_TAR: rootfs } });
  const list = ['-c', 'gzip -dc "$1" | cpio --quiet -t', 'list', join(output, 'modules.cpio.gz')];
  return (await run('sh', list, { timeoutMs })).stdout.split('\n').sort();
}

const moduleFiles = (paths: readonly string[]): string[] => paths.filter((path) => path.endsWith('.ko'));
const under = (path: string): string => `lib/modules/${release}/${path}`;

test('modules.cpio.gz holds the modules that an installer may need, and what they need', requirements, async (t) => {
  assert.deepEqual(moduleFiles(await archivedPaths(t, {})), modules.slice(0, 2).map(under));
});

test('with MODULES=all it holds the whole folder of the kernel', requirements, async (context) => {
  const paths = await archivedPaths(context, { MODULES: 'all' });

  assert.deepEqual(moduleFiles(paths), modules.map(under));
  assert.ok(paths.includes(under('modules.dep')), paths.join(' '));
});

test(
  "with LIKE=ubuntu it holds the folders on the way to the modules, too, as Ubuntu's has them",
  requirements,
  async (t) => {
    const paths = await archivedPaths(t, { LIKE: 'ubuntu' });

    for (const path of ['.', 'lib', 'lib/modules', under('modules.dep')])
      assert.ok(paths.includes(path), paths.join(' '));
  },
);

test('without mmdebstrap it says what to do, and with too few words how it is called', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'build-debian-'));
  context.after(() => rm(directory, { recursive: true }));
  for (const program of ['dirname', 'uname']) await symlink(`/usr/bin/${program}`, join(directory, program));
  const output = join(directory, 'images/x86_64');
  const build = (words: string[]) => run('/bin/sh', [script, ...words], { timeoutMs, env: { PATH: directory } });

  await assert.rejects(build(['bookworm', 'x86_64', output]), /mmdebstrap is not installed; run \\"make setup\\"/);
  await assert.rejects(build(['bookworm']), /got 1 arguments; usage: build-debian\.sh SUITE ARCH OUTPUT_DIRECTORY/);
});

for (const [name, value] of [
  ['KERNEL', 'cloudy'],
  ['MODULES', 'most'],
  ['LIKE', 'debian'],
] as const) {
  test(`${name}="${value}" is refused before anything is built`, requirements, async (context) => {
    await assert.rejects(
      archivedPaths(context, { [name]: value }),
      new RegExp(`${name}=\\\\"${value}\\\\" is unknown`),
    );
  });
}
