import assert from 'node:assert/strict';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';

import { makeImage } from '@pxeboot/config/test/support/root-archive';
import { execa } from 'execa';

import { dhcpRangeEnd, dhcpRangeStart } from '../../src/decide/settings.ts';
import { engineSocket } from '../../src/engine.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack, lab } from './support/stack.ts';

const web1 = {
  name: 'web1',
  role: 'target',
  arch: 'x86_64',
  mac: '52:54:00:00:00:71',
  ip: '192.168.105.71',
  subnet: '192.168.105.0/24',
  distro: 'debian-12',
  pxeboot: true,
  ssh_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvT1u0m2yKnRZrXlqFHC7sfI6X7oGgAqQ0t2cQ0p6fG me@laptop',
};

describe('lint-vms in the built image', imageSuite(), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
    const image = join(stack.images, 'debian-12/x86_64');
    makeImage(image);
    await stack.startAndWait();
  });

  afterEach(async () => {
    for (const name of ['web0', 'web1']) await rm(join(stack.vms, `${name}.json`), { force: true });
    await stateIs('web1', undefined);
  });

  after(async () => {
    await stack.dispose();
  });

  /** As the README says: docker exec <container> lint-vms. */
  async function lint(...args: string[]): Promise<{ status: number | undefined; stdout: string; stderr: string }> {
    const command = ['--host', engineSocket(lab), 'exec', container, 'lint-vms', ...args];
    const { exitCode, stdout, stderr } = await execa('docker', command, { reject: false, timeout: 20_000 });
    return { status: exitCode, stdout, stderr };
  }

  async function findings(): Promise<{ status: number | undefined; found: string[] }> {
    const { status, stdout } = await lint('--json');
    const document = JSON.parse(stdout) as { findings: Record<'level' | 'rule' | 'file' | 'path', string>[] };
    return {
      status,
      found: document.findings.map(({ level, rule, file, path }) => [level, rule, file, path].join(' ')),
    };
  }

  /** Waits until vm_watcher has published it: who holds what decides conflicts. */
  async function stateIs(name: string, state: string | undefined): Promise<void> {
    await waitUntil(`${name} is ${state ?? 'gone'}`, 10_000, async () => {
      const { entries } = JSON.parse(await stack.exec(['cat', '/run/pxeboot/watcher/vms.json'])) as {
        entries: { file: string; state: string }[];
      };
      return entries.find(({ file }) => file === `${name}.json`)?.state === state;
    });
  }

  test('without a finding it ends with 0, in text and in JSON', async () => {
    await stack.save('web1.json', web1);
    await stateIs('web1', 'ok');

    assert.deepEqual(await lint(), { status: 0, stdout: '0 errors, 0 warnings, 0 notes', stderr: '' });
    assert.deepEqual(await findings(), { status: 0, found: [] });
  });

  test("a note is status 0, and the range is the container's own", async () => {
    await stack.save('web1.json', { ...web1, ip: dhcpRangeStart });
    await stateIs('web1', 'ok');

    const { status, stdout } = await lint();

    assert.equal(status, 0);
    const [note = '', summary] = stdout.split('\n');
    assert.match(note, /^note address-in-range web1\.json \/ip /);
    assert.ok(note.includes(`lies in the dynamic range ${dhcpRangeStart} to ${dhcpRangeEnd}`), note);
    assert.equal(summary, '0 errors, 0 warnings, 1 notes');
    assert.deepEqual(await findings(), { status: 0, found: ['note address-in-range web1.json /ip'] });
  });

  test('a warning is status 1: image files that are missing', async () => {
    await stack.save('web1.json', { ...web1, kernel: 'vmlinuz-5' });
    await stateIs('web1', 'ok');

    const { status, stdout } = await lint();

    assert.equal(status, 1);
    assert.match(stdout, /^warning image-files web1\.json \/kernel "vmlinuz-5": .*\n0 errors, 1 warnings, 0 notes$/);
    assert.deepEqual(await findings(), { status: 1, found: ['warning image-files web1.json /kernel'] });
  });

  test('what was found inside an image is a warning: one that cannot be installed', async () => {
    const rootfs = join(stack.images, 'page/x86_64/rootfs.tar.gz');
    makeImage(join(stack.images, 'page/x86_64'), { 'rootfs.tar.gz': '<!DOCTYPE html>' });
    await stack.save('web1.json', { ...web1, distro: 'page' });
    await stateIs('web1', 'ok');

    const expected = ['warning image-content web1.json /distro'];
    await waitUntil('it is inspected', 30_000, async () => (await findings()).found.join() === expected.join());
    const listed = JSON.parse((await stack.get('/api/images')).body) as { images: Record<string, unknown>[] };
    await rm(rootfs);

    assert.deepEqual(
      listed.images.map(({ directory, state, installs }) => [directory, state, installs]),
      [
        ['images/debian-12/x86_64', 'inspected', true],
        ['images/page/x86_64', 'inspected', false],
      ],
    );
  });

  test('an error is status 1: a definition that root alone may read, and image files like that are warnings', async () => {
    const kernel = join(stack.images, 'debian-12/x86_64/vmlinuz-6.1.0-9-amd64');
    await writeFile(join(stack.vms, 'web0.json'), '{}', { mode: 0o600 });
    await stack.save('web1.json', web1);
    await stateIs('web0', 'rejected');
    await stateIs('web1', 'ok');
    await chmod(kernel, 0o600);

    const { found } = await findings();
    await chmod(kernel, 0o644);

    assert.deepEqual(found, ['error not-in-force web0.json ', 'warning image-files web1.json /distro']);
    assert.match(
      (await lint()).stdout,
      /^error not-in-force web0\.json: cannot be read \(EACCES.*let everybody read it/,
    );
  });

  test('an error is status 1: a file whose last good version stays in force', async () => {
    await stack.save('web1.json', web1);
    await stateIs('web1', 'ok');
    await stack.save('web1.json', '{"name": "web1",');
    await stateIs('web1', 'last-good');

    const { status, stdout } = await lint();

    assert.equal(status, 1);
    assert.match(stdout, /^error last-good-in-force web1\.json .*is not JSON.*\n1 errors, 0 warnings, 0 notes$/);
    assert.deepEqual(await findings(), { status: 1, found: ['error last-good-in-force web1.json '] });
  });

  test('of two files with one MAC the loser is who came later, whatever its name', async () => {
    await stack.save('web1.json', web1);
    await stateIs('web1', 'ok');
    await stack.save('web0.json', { ...web1, name: 'web0', ip: '192.168.105.72' });
    await stateIs('web0', 'rejected');

    assert.deepEqual(await findings(), { status: 1, found: ['error not-in-force web0.json /mac'] });
  });

  test('a directory that is not there and an option that does not exist are status 2, and nothing is on stdout', async () => {
    for (const format of [[], ['--json']]) {
      const missing = await lint('--vms', '/mnt/host/none', ...format);
      assert.deepEqual([missing.status, missing.stdout], [2, '']);
      assert.match(missing.stderr, /^lint-vms: list the vms directory "\/mnt\/host\/none": ENOENT/);
    }

    const wrong = await lint('--bogus');
    assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /unknown option/);
  });
});
