import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { HostError, InputError } from '@pxeboot/config/kit/errors';
import { needs } from '@pxeboot/config/test/support/requirements';

import type { StepOf } from '../../src/steps/index.ts';
import { unpack } from '../../src/steps/unpack.ts';
import type { FileServer } from './support/file-server.ts';
import { serveFile } from './support/file-server.ts';
import { installationInto } from './support/installation.ts';

const requirements = needs('tar', 'gzip', 'zstd', 'mknod', 'setcap', 'getcap');
const timeoutMs = 60_000;
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

interface Fixture {
  /** The packed tree. */
  tarball: Buffer;
  /** Where to unpack it. */
  target: string;
  data: Buffer;
}

async function fixture(context: TestContext, compress: 'gzip' | 'zstd' = 'gzip'): Promise<Fixture> {
  const directory = await mkdtemp(join(tmpdir(), 'unpack-test-'));
  context.after(() => rm(directory, { recursive: true }));
  const [tree, target, tar] = [join(directory, 'tree'), join(directory, 'target'), join(directory, 'tar')];
  const data = randomBytes(2_000_000);
  await mkdir(join(tree, 'usr/bin'), { recursive: true });
  await mkdir(target);
  await writeFile(join(tree, 'usr/bin/ping'), data);
  await run('setcap', ['cap_net_raw=ep', join(tree, 'usr/bin/ping')], { timeoutMs });
  await writeFile(join(tree, 'owned'), 'x', { mode: 0o640 });
  await run('chown', ['1234:4321', join(tree, 'owned')], { timeoutMs });
  const create = ['-c', '--xattrs', '--xattrs-include=*', '--numeric-owner', '-C', tree, '-f', tar, '.'];
  await run('tar', create, { timeoutMs });
  await run(compress, ['-k', tar], { timeoutMs });
  return { tarball: await readFile(`${tar}.${compress === 'gzip' ? 'gz' : 'zst'}`), target, data };
}

function stepFor({ url, content }: FileServer, decompressor: 'gzip' | 'zstd' = 'gzip'): StepOf<'unpack'> {
  return { kind: 'unpack', url, decompressor, bytes: content.length };
}

for (const compression of ['gzip', 'zstd'] as const) {
  test(`a ${compression} tarball arrives whole, with owners, modes and file capabilities`, requirements, async (t) => {
    const { tarball, target, data } = await fixture(t, compression);
    const server = await serveFile(t, tarball);
    const installation = installationInto(target);

    await unpack.run(stepFor(server, compression), installation);

    assert.deepEqual(await readFile(join(target, 'usr/bin/ping')), data);
    assert.match((await run('getcap', [join(target, 'usr/bin/ping')], { timeoutMs })).stdout, /cap_net_raw=ep/);
    assert.equal((await run('stat', ['-c', '%u:%g %a', join(target, 'owned')], { timeoutMs })).stdout, '1234:4321 640');
    assert.ok(installation.lines.at(-1)?.endsWith(`unpacked bytes=${tarball.length}`));
  });
}

test('a tarball with the expected sum is unpacked, one with another is an error', requirements, async (t) => {
  const { tarball, target } = await fixture(t);
  const server = await serveFile(t, tarball);
  const sha256 = createHash('sha256').update(tarball).digest('hex');

  const installation = installationInto(target);
  await unpack.run({ ...stepFor(server), sha256 }, installation);

  assert.ok(installation.lines.at(-1)?.endsWith(`unpacked bytes=${tarball.length} sha256=${sha256}`));
  await assert.rejects(
    unpack.run({ ...stepFor(server), sha256: 'a'.repeat(64) }, installationInto(target)),
    (error: unknown) => error instanceof InputError && error.message.includes(`its SHA-256 is "${sha256}"`),
  );
});

test('a tarball whose transfer breaks arrives whole all the same', requirements, async (t) => {
  const { tarball, target, data } = await fixture(t);
  const server = await serveFile(t, tarball, [{ breakAfter: 700_000 }]);

  await unpack.run(stepFor(server), installationInto(target));

  assert.deepEqual(await readFile(join(target, 'usr/bin/ping')), data);
});

for (const compression of ['gzip', 'zstd'] as const) {
  test(
    `a ${compression} tarball that was cut short is an error that names the decompressor`,
    requirements,
    async (t) => {
      const { tarball, target } = await fixture(t, compression);
      const server = await serveFile(t, tarball.subarray(0, 1_000_000));

      await assert.rejects(
        unpack.run(stepFor(server, compression), installationInto(target)),
        (error: unknown) =>
          error instanceof InputError &&
          error.message.includes(`${compression} exited with 1: "`) &&
          error.message.endsWith('the tarball is corrupt or cut short, fetch the image again'),
      );
    },
  );
}

test('a tarball with one altered byte is an error', requirements, async (t) => {
  const { tarball, target } = await fixture(t);
  tarball.writeUInt8(tarball.readUInt8(1_000_000) ^ 0xff, 1_000_000);
  const server = await serveFile(t, tarball);

  await assert.rejects(unpack.run(stepFor(server), installationInto(target)), InputError);
});

test('a file that is no tarball at all is an error, and nothing is unpacked', requirements, async (t) => {
  const { target } = await fixture(t);
  const server = await serveFile(t, Buffer.from('<html>not found</html>'));

  await assert.rejects(
    unpack.run(stepFor(server), installationInto(target)),
    /gzip exited with 1: ".*not in gzip format"/,
  );
  assert.deepEqual(await readdir(target), []);
});

for (const compression of ['gzip', 'zstd'] as const) {
  test(
    `under ${compression} a target that cannot be written to is an error of tar, not of the network`,
    requirements,
    async (t) => {
      const { tarball, target } = await fixture(t, compression);
      const server = await serveFile(t, tarball);

      await assert.rejects(
        unpack.run(stepFor(server, compression), installationInto(join(target, 'no-such-directory'))),
        (error: unknown) => error instanceof HostError && error.message.includes('tar exited with 2'),
      );
    },
  );
}

test('a tarball that the server refuses is the error, not what the programs say to that', requirements, async (t) => {
  const { tarball, target } = await fixture(t);
  const server = await serveFile(t, tarball, [{ status: 404 }]);

  await assert.rejects(unpack.run(stepFor(server), installationInto(target)), /the server answered 404/);
});

test(
  'a tarball that was replaced since the plan was made is an error: the checks were about another one',
  requirements,
  async (t) => {
    const { tarball, target } = await fixture(t);
    const server = await serveFile(t, tarball);

    await assert.rejects(
      unpack.run({ ...stepFor(server), bytes: tarball.length + 1 }, installationInto(target)),
      (error: unknown) =>
        error instanceof InputError &&
        error.message.includes(
          `it has ${tarball.length} bytes and had ${tarball.length + 1} when the installation was planned`,
        ),
    );
  },
);

test('data behind the end of a gzip file is an error', requirements, async (t) => {
  const { tarball, target } = await fixture(t);
  const server = await serveFile(t, Buffer.concat([tarball, Buffer.from('<html>')]));

  await assert.rejects(
    unpack.run(stepFor(server), installationInto(target)),
    /gzip exited with 2: ".*trailing garbage ignored"/,
  );
});
