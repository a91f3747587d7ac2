import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run } from '@pxeboot/config/host/run';

import { waitUntil } from '../../src/wait-until.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestStack } from './support/stack.ts';
import { createTestStack } from './support/stack.ts';

describe('nginx of the built image', imageSuite(), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
    const directory = join(stack.images, 'debian-12/x86_64');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'rootfs.tar.gz'), '0123456789');
    await symlink('rootfs.tar.gz', join(directory, 'link'));
    await symlink('/etc/passwd', join(directory, 'outside'));
    // As on a share of a user's home: nothing in it belongs to root, so a link of its own to root's file leads out.
    await run('chown', ['-hR', '1000:1000', stack.images], { timeoutMs: 5000 });
    await stack.startAndWait();
  });

  after(async () => {
    await stack.dispose();
  });

  test('an image file is served whole and in byte ranges', async () => {
    const path = '/images/debian-12/x86_64/rootfs.tar.gz';

    const whole = await stack.get(path);
    const range = await stack.get(path, ['-H', 'Range: bytes=4-']);

    assert.deepEqual([whole.status, whole.body], [200, '0123456789']);
    assert.deepEqual([range.status, range.body], [206, '456789']);
    assert.match(range.headers, /content-range: bytes 4-9\/10/);
  });

  test('an image directory is listed', async () => {
    const { status, body } = await stack.get('/images/debian-12/x86_64/');

    assert.equal(status, 200);
    assert.match(body, /href="rootfs\.tar\.gz"/);
  });

  test('a link inside the image directory is followed', async () => {
    const { status, body } = await stack.get('/images/debian-12/x86_64/link');

    assert.deepEqual([status, body], [200, '0123456789']);
  });

  test('a link out of the image directory is refused', async () => {
    const { status, body } = await stack.get('/images/debian-12/x86_64/outside');

    assert.equal(status, 403);
    assert.doesNotMatch(body, /root:/);
  });

  const outside = [
    '/images/../../etc/passwd',
    '/images/..%2f..%2fetc/passwd',
    '/images../opt/pxeboot/entrypoint.cjs',
    '/boot../images/debian-12/x86_64/rootfs.tar.gz',
    '//etc/passwd',
    '/mnt/host/vms/',
    '/run/pxeboot/watcher/vms.json',
  ];
  for (const path of outside) {
    test(`${path} leads nowhere`, async () => {
      const { status, body } = await stack.get(path);

      assert.ok(status === 404 || status === 400, `status ${status}`);
      assert.doesNotMatch(body, /root:|0123456789/);
    });
  }

  for (const file of ['ipxe-x86_64.efi', 'ipxe-arm64.efi', 'boot.ipxe', 'autoexec.ipxe']) {
    test(`/boot/${file} is there for UEFI HTTP boot`, async () => {
      const { status, headers } = await stack.get(`/boot/${file}`, ['-I']);

      assert.equal(status, 200);
      assert.match(headers, file.endsWith('.efi') ? /content-type: application\/efi/ : /content-type: text\/plain/);
    });
  }

  for (const arch of ['x86_64', 'aarch64']) {
    test(`the installer's initrd for ${arch} is there`, async () => {
      const { status, headers } = await stack.get(`/initrds/${arch}/initrd.gz`, ['-I']);

      assert.equal(status, 200);
      const bytes = Number(/content-length: (\d+)/.exec(headers)?.[1]);
      assert.ok(bytes > 10_000_000 && bytes < 60_000_000, `${bytes} bytes`);
    });
  }

  test('a guest forges no line of the log and sends its reader no escape', async () => {
    const paths = ['/images/%0a2026-01-01T00:00:00.000Z%20warn%20boot_handler%20forged%0a', '/boot/%1b%5b2J'];
    const statuses = [];
    for (const path of paths) statuses.push((await stack.get(path)).status);
    statuses.push((await stack.get('/images/nothing', ['-H', 'Referer: \x1b[2J'])).status);
    await waitUntil('the requests are logged', 10_000, async () => / "\/images\/nothing" /.test(await stack.logs()));

    assert.deepEqual(statuses, [400, 400, 400]);
    const logs = await stack.logs();
    assert.doesNotMatch(logs, /^2026-01-01T/m);
    assert.ok(!logs.includes('\x1b'), logs);
  });

  test('a file cannot be put', async () => {
    const { status } = await stack.get('/images/new', ['-X', 'PUT', '--data', 'x']);

    assert.equal(status, 405);
  });
});
