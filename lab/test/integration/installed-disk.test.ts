import assert from 'node:assert/strict';
import { appendFile, chmod, chown, link, lutimes, mkdir, mkdtemp } from 'node:fs/promises';
import { readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import { assertBlankDisk } from '../e2e/support/blank-disk.ts';
import { differingPaths, readManifest } from '../e2e/support/directory-manifest.ts';
import { inspectDisk, partitionNames } from '../e2e/support/installed-disk.ts';

const timeoutMs = 60_000;
const requirements = needs(
  'getfattr',
  'setcap',
  'sha256sum',
  'qemu-img',
  'qemu-io',
  'sfdisk',
  'mkfs.ext4',
  'losetup',
  'mount',
);
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
/** security.capability of cap_net_raw=ep: Linux, include/uapi/linux/capability.h, struct vfs_cap_data, revision 2. */
const netRaw = /security\.capability=0x0100000200200000{24}/;

async function tree(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tree-'));
  context.after(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'bin'));
  await writeFile(join(directory, 'bin/ping'), 'program', { mode: 0o755 });
  await run('setcap', ['cap_net_raw=ep', join(directory, 'bin/ping')], { timeoutMs });
  await writeFile(join(directory, 'a file\nof two lines'), 'text', { mode: 0o600 });
  await symlink('bin/ping', join(directory, 'ping'));
  return directory;
}

test(
  'a manifest names type, mode, owner, link target, capability and content of each path',
  requirements,
  async (t) => {
    const manifest = await readManifest(await tree(t));

    assert.deepEqual([...manifest.keys()].sort(), ['.', './a file\nof two lines', './bin', './bin/ping', './ping']);
    const ping = manifest.get('./bin/ping') ?? '';
    assert.match(ping, /^-rwxr-xr-x 0:0 links=1 device=0:0 /);
    assert.match(ping, netRaw);
    assert.match(ping, / sha256=1310ca2c8932dbd118668bd97442558a3e1f546b5e15c69699dfbd6024f548d8 /);
    assert.match(manifest.get('./ping') ?? '', /^lrwxrwxrwx .*'\.\/ping' -> 'bin\/ping'$/);
  },
);

const changes: [string, (path: (name: string) => string) => Promise<unknown>, string[]][] = [
  ['another content', (path) => appendFile(path('bin/ping'), 'x'), ['./bin/ping']],
  ['another mode', (path) => chmod(path('bin'), 0o700), ['./bin']],
  ['another owner', (path) => chown(path('a file\nof two lines'), 7, 0), ['./a file\nof two lines']],
  ['another link target', (path) => unlink(path('ping')).then(() => symlink('bin/gnip', path('ping'))), ['./ping']],
  ['a missing capability', (path) => run('setcap', ['-r', path('bin/ping')], { timeoutMs }), ['./bin/ping']],
  ['a second name', (path) => link(path('bin/ping'), path('bin/pong')), ['./bin/ping', './bin/pong']],
  ['a file too many', (path) => writeFile(path('more'), ''), ['./more']],
  ['a missing file', (path) => unlink(path('ping')), ['./ping']],
  ['another time alone', (path) => lutimes(path('ping'), 1, 1), []],
];

for (const [what, change, paths] of changes) {
  test(`two trees differ by ${what} in ${paths.length} path(s)`, requirements, async (context) => {
    const directory = await tree(context);
    const before = await readManifest(directory);

    await change((name) => join(directory, name));

    assert.deepEqual(differingPaths(before, await readManifest(directory)), paths);
  });
}

/** A qcow2 disk with a partition for the ESP and one with this tree. */
async function disk(context: TestContext, content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'disk-'));
  context.after(() => rm(directory, { recursive: true }));
  const [raw, qcow2] = [join(directory, 'raw'), join(directory, 'disk.qcow2')];
  await run('truncate', ['--size=64M', raw], { timeoutMs });
  const input = 'label: gpt\nstart=2048, size=2048, name="ESP"\nname="root"\n';
  await run('sfdisk', ['--quiet', raw], { timeoutMs, input });
  await run('mkfs.ext4', ['-q', '-F', '-d', content, '-E', 'offset=2097152', raw, '60M'], { timeoutMs });
  await run('qemu-img', ['convert', '-O', 'qcow2', raw, qcow2], { timeoutMs });
  return qcow2;
}

test('a disk is read without a machine, and nothing of it stays mounted', requirements, async (context) => {
  const content = await tree(context);

  const image = await disk(context, content);
  const { partitions, found } = await inspectDisk(image, readManifest);

  assert.deepEqual(
    partitions.map(({ name, start }) => [name, start]),
    [
      ['ESP', 2048],
      ['root', 4096],
    ],
  );
  assert.deepEqual(await partitionNames(image), ['ESP', 'root']);
  assert.match(found.get('./bin/ping') ?? '', netRaw);
  // mkfs.ext4 makes lost+found.
  assert.deepEqual(differingPaths(await readManifest(content), found), ['.', './lost+found']);
  assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), /installed-disk-/);
});

test('a look that fails leaves nothing mounted either', requirements, async (context) => {
  const image = await disk(context, await tree(context));

  await assert.rejects(
    inspectDisk(image, () => Promise.reject(new Error('looked in vain'))),
    /looked in vain/,
  );

  assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), /installed-disk-/);
});

test('a new disk is blank; one into which a zero was written is not', requirements, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'blank-disk-'));
  context.after(() => rm(directory, { recursive: true }));
  const disk = join(directory, 'disk.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '10G'], { timeoutMs });

  await assertBlankDisk(disk);
  await run('qemu-io', ['-c', 'write -P 0 5G 512', disk], { timeoutMs });
  await assert.rejects(assertBlankDisk(disk), /was written to/);
});
