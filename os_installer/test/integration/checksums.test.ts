import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { createLog } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';
import { InputError } from '@pxeboot/config/kit/errors';
import { needs } from '@pxeboot/config/test/support/requirements';

import { execute } from '../../src/execute.ts';
import { checkRemote, downloadChecked } from '../../src/fetch/checked.ts';
import { readLogged } from '../../src/fetch/logged.ts';
import { planInstallation } from '../../src/plan.ts';
import { createReporter } from '../../src/report/reporter.ts';
import { disk, input } from '../unit/sample-machine.ts';
import { serveFile } from './support/file-server.ts';
import { installationInto } from './support/installation.ts';
import { loopDevice, readTable } from './support/loop-device.ts';

const timeoutMs = 60_000;
const silent = createLog('test', () => undefined);
const read = (url: string): AsyncIterable<Uint8Array> => readLogged(url, silent);
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

async function temporary(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'checksums-'));
  context.after(() => rm(directory, { recursive: true }));
  return directory;
}

test('a file with the expected sum gets its name; its transfer may break in between', async (context) => {
  const directory = await temporary(context);
  const content = Buffer.alloc(200_000, 'kernel');
  const server = await serveFile(context, content, [{ breakAfter: 100_000 }]);

  await downloadChecked(server.url, join(directory, 'kernel'), sha256(content), read);

  assert.deepEqual(await readdir(directory), ['kernel']);
});

test('a file with another sum is refused and nothing of it stays', async (context) => {
  const directory = await temporary(context);
  const server = await serveFile(context, Buffer.from('altered'));
  const expected = sha256(Buffer.from('original'));

  await assert.rejects(
    downloadChecked(server.url, join(directory, 'kernel'), expected, read),
    (error: unknown) =>
      error instanceof InputError && error.message.includes(`SHA256SUMS beside it says "${expected}"`),
  );
  assert.deepEqual(await readdir(directory), []);
});

test('a file of the server is compared without being kept', async (context) => {
  const server = await serveFile(context, Buffer.from('modules'));

  await checkRemote(server.url, sha256(Buffer.from('modules')), read);
  await assert.rejects(checkRemote(server.url, sha256(Buffer.from('others')), read), InputError);
});

const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.fat', 'fsck.fat', 'mkfs.ext4', 'tar', 'gzip');

test(
  'a tarball with another sum leaves a disk without EFI/ that is marked as not installed',
  requirements,
  async (t) => {
    const directory = await temporary(t);
    const [tree, target] = [join(directory, 'tree'), join(directory, 'target')];
    await mkdir(join(tree, 'etc'), { recursive: true });
    await writeFile(join(tree, 'etc/os-release'), 'ID=debian\n');
    await run('tar', ['-czf', join(directory, 'tar'), '-C', tree, '.'], { timeoutMs });
    const { stdout: packed } = await run('base64', ['-w0', join(directory, 'tar')], { timeoutMs });
    const server = await serveFile(t, Buffer.from(packed, 'base64'));
    const device = await loopDevice(t);
    const given = input({ disks: [disk(device.replace('/dev/', ''))], config: { rootfs_url: server.url } });
    const checksums = new Map([['rootfs.tar.gz', sha256(Buffer.from('another'))]]);
    const { steps } = planInstallation({
      ...given,
      sources: { ...given.sources, rootfsBytes: server.content.length, checksums },
    });
    const listeners = { reporter: createReporter('', silent), failed: () => undefined };

    const installing = execute(steps, installationInto(target), listeners);

    await assert.rejects(
      installing,
      (error: unknown) =>
        error instanceof InputError && error.message.startsWith(`check ${server.url}: its SHA-256 is`),
    );
    assert.deepEqual(
      (await readTable(device)).partitions.map(({ name }) => name),
      ['ESP', 'installing'],
    );
    const { stdout } = await run('fsck.fat', ['-n', '-l', `${device}p1`], { timeoutMs });
    assert.match(stdout, /Checking file \/UEFI\n.*: 1 files,/, 'the label is all that is on the ESP');
  },
);
