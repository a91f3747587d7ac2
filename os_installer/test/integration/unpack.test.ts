import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { run } from '@pxeboot/config/host/run';
import { HostError, InputError } from '@pxeboot/config/kit/errors';
import type { Packing } from '@pxeboot/config/kit/packing';
import { packings } from '@pxeboot/config/kit/packing';
import { needs } from '@pxeboot/config/test/support/requirements';
import { execa } from 'execa';

import type { StepOf } from '../../src/steps/index.ts';
import { unpack } from '../../src/steps/unpack.ts';
import type { FileServer } from './support/file-server.ts';
import { serveFile } from './support/file-server.ts';
import { installationInto } from './support/installation.ts';

const requirements = needs('tar', 'gzip', 'zstd', 'xz', 'bzip2', 'mknod', 'setcap', 'getcap');
const suffixes: Record<Packing, string> = { gzip: '.gz', zstd: '.zst', xz: '.xz', bzip2: '.bz2', tar: '' };
const timeoutMs = 60_000;
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

interface Fixture {
  /** The packed tree. */
  tarball: Buffer;
  /** Where to unpack it. */
  target: string;
  data: Buffer;
}

async function fixture(context: TestContext, packing: Packing = 'gzip'): Promise<Fixture> {
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
  if (packing !== 'tar') await run(packing, ['-k', tar], { timeoutMs });
  return { tarball: await readFile(`${tar}${suffixes[packing]}`), target, data };
}

function stepFor({ url, content }: FileServer, packing: Packing = 'gzip'): StepOf<'unpack'> {
  return { kind: 'unpack', url, packing, bytes: content.length };
}

for (const compression of packings) {
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

for (const [compression, status] of [
  ['gzip', 1],
  ['zstd', 1],
  ['xz', 1],
  ['bzip2', 2],
  ['tar', 2],
] as const) {
  test(`a ${compression} tarball that was cut short is an error that names the program`, requirements, async (t) => {
    const { tarball, target } = await fixture(t, compression);
    const server = await serveFile(t, tarball.subarray(0, 1_000_000));

    await assert.rejects(
      unpack.run(stepFor(server, compression), installationInto(target)),
      (error: unknown) =>
        error instanceof InputError &&
        error.message.includes(`${compression} exited with ${status}: "`) &&
        error.message.endsWith('the tarball is corrupt or cut short, fetch the image again'),
    );
  });
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

for (const compression of packings) {
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
    /gzip exited with 2: ".*trailing garbage ignored"; something follows what is packed with gzip: was another file appended/,
  );
});

/** What comes out when something follows the packed data, as servers and people append it. */
for (const [compression, follows, outcome] of [
  ['gzip', Buffer.alloc(512), 'whole'],
  ['gzip', Buffer.from('<html>'), /gzip exited with 2: /],
  ['zstd', Buffer.alloc(512), /zstd exited with 1: /],
  ['zstd', Buffer.from('<html>'), /zstd exited with 1: /],
  ['xz', Buffer.alloc(512), 'whole'],
  ['xz', Buffer.from('<html>'), /xz exited with 1: /],
  ['bzip2', Buffer.from('<html>'), 'whole'],
  ['tar', Buffer.alloc(512), 'whole'],
  ['tar', Buffer.from('<html>'), 'whole'],
] as const) {
  const what = follows[0] === 0 ? 'zeros' : 'an HTML page';
  const then = outcome === 'whole' ? 'is unpacked whole' : 'is an error that names the program';
  test(`${compression} with ${what} behind its end ${then}`, requirements, async (t) => {
    const { tarball, target, data } = await fixture(t, compression);
    const server = await serveFile(t, Buffer.concat([tarball, follows]));
    const unpacking = unpack.run(stepFor(server, compression), installationInto(target));

    if (outcome === 'whole') await unpacking;
    else
      await assert.rejects(unpacking, (error: unknown) => error instanceof InputError && outcome.test(error.message));

    assert.deepEqual(await readFile(join(target, 'usr/bin/ping')), data);
  });
}

/** As pigz, pzstd, xz -T0 and people who append archives make them. */
for (const [what, compression, pack] of [
  ['gzip in several members', 'gzip', (tar) => inParts(tar, (part) => gzipSync(part))],
  [
    'zstd in several frames with others to be skipped',
    'zstd',
    (tar) => inParts(tar, (part) => Buffer.concat([skippable, zstdCompressSync(part)])),
  ],
  ['xz in several blocks', 'xz', async (tar) => packWith(tar, 'xz', '-0', '--block-size=300000', '-T2')],
  ['xz in several streams', 'xz', (tar) => inParts(tar, async (part) => packWith(part, 'xz', '-0'))],
  ['bzip2 in several streams', 'bzip2', (tar) => inParts(tar, async (part) => packWith(part, 'bzip2', '-1'))],
  ['zstd --long=27', 'zstd', async (tar) => packWith(tar, 'zstd', '--long=27', '-3')],
] as readonly [string, Packing, (tar: Buffer) => Promise<Buffer>][]) {
  test(`${what} arrives whole`, requirements, async (t) => {
    const { tarball, target, data } = await fixture(t, 'tar');
    const server = await serveFile(t, await pack(tarball));

    await unpack.run(stepFor(server, compression), installationInto(target));

    assert.deepEqual(await readFile(join(target, 'usr/bin/ping')), data);
  });
}

test('zstd with a window that is too large is an error that says so', requirements, async (t) => {
  const { tarball, target } = await fixture(t, 'tar');
  const server = await serveFile(t, await packWith(tarball, 'zstd', '--long=31', '--ultra', '-3'));

  await assert.rejects(
    unpack.run(stepFor(server, 'zstd'), installationInto(target)),
    /zstd exited with 1: ".*--long=31/,
  );
});

const skippable = Buffer.from('502a4d180400000000000000', 'hex');

async function inParts(tar: Buffer, pack: (part: Buffer) => Buffer | Promise<Buffer>): Promise<Buffer> {
  const half = Math.floor(tar.length / 2);
  return Buffer.concat([await pack(tar.subarray(0, half)), await pack(tar.subarray(half))]);
}

async function packWith(tar: Buffer, program: string, ...options: string[]): Promise<Buffer> {
  const { stdout } = await execa(program, [...options, '-c'], { input: tar, encoding: 'buffer', maxBuffer: 2 ** 28 });
  return Buffer.from(stdout);
}

test(
  'a tarball whose files are of the future, many of them, is unpacked: nobody waits for whom to listen',
  requirements,
  async (t) => {
    const { target } = await fixture(t, 'tar');
    const make = 'for n in $(seq 6000); do echo "$n" > "$0/$n"; done; tar -c --mtime=2100-01-01 -C "$0" .';
    const tree = await mkdtemp(join(tmpdir(), 'future-'));
    t.after(() => rm(tree, { recursive: true }));
    const { stdout } = await execa('sh', ['-c', make, tree], { encoding: 'buffer' });
    const server = await serveFile(t, gzipSync(stdout));

    await unpack.run(stepFor(server), installationInto(target));

    assert.equal((await readdir(target)).length, 6000);
  },
);

test('a program that is not there fails the step', requirements, async (t) => {
  const { tarball, target } = await fixture(t);
  const server = await serveFile(t, tarball);
  const path = process.env['PATH'];
  process.env['PATH'] = '/usr/sbin:/sbin';
  t.after(() => (process.env['PATH'] = path));
  const installation = installationInto(target);
  const run: typeof installation.run = async ({ file, args }) => (await execa(`/usr/bin/${file}`, [...args])).stdout;

  await assert.rejects(
    unpack.run(stepFor(server), { ...installation, run }),
    /unpack .*: (gzip|tar) exited with -1: .*ENOENT/,
  );
});
