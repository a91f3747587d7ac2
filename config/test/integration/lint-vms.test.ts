import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

import { formatAddressConflicts } from '../../contract/address-conflicts.ts';
import { formatPublishedImages } from '../../contract/published-images.ts';
import { makeImage } from '../support/root-archive.ts';
import { samplePublishedImage } from '../support/sample-image.ts';

const repository = join(import.meta.dirname, '../../..');
const vm = { name: 'web1', role: 'target', arch: 'x86_64', mac: '52:54:00:00:00:01', distro: 'debian-12' };
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvT1u0m2yKnRZrXlqFHC7sfI6X7oGgAqQ0t2cQ0p6fG me@laptop';

async function lint(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return finished(spawn(process.execPath, [join(repository, 'config/lint/main.ts'), ...args]));
}

async function lintWith(variables: Record<string, string>, vms: string): ReturnType<typeof lint> {
  const args = [join(repository, 'config/lint/main.ts'), '--vms', vms, '--images', '/nowhere'];
  return finished(spawn(process.execPath, args, { env: { ...process.env, ...variables } }));
}

async function finished(
  child: ChildProcessWithoutNullStreams,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

async function withVms(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'lint-vms-'));
  try {
    await mkdir(join(directory, 'vms'));
    await use(join(directory, 'vms'));
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('nothing but notes is status 0, an error or a warning 1, what cannot be read or a wrong option 2', async () => {
  await withVms(async (vms) => {
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, ip: '10.0.0.1', ssh_key: key }));
    const clean = await lint('--vms', vms, '--images', '/nowhere');
    assert.equal(clean.status, 0, clean.stdout + clean.stderr);
    assert.match(clean.stdout, /^note network-missing web1\.json \/subnet: .*\n0 errors, 0 warnings, 1 notes\n$/);

    await writeFile(join(vms, 'web2.json'), '{');
    const found = await lint('--vms', vms, '--images', '/nowhere');
    assert.equal(found.status, 1);
    assert.match(
      found.stdout,
      /^error not-in-force web2\.json "\{": is not JSON: .*\n1 errors, 0 warnings, 1 notes\n$/m,
    );

    const missing = await lint('--vms', join(vms, 'none'));
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /^lint-vms: list the vms directory ".*none": ENOENT/);
    const unreadable = await lint('--vms', vms, '--state', vms);
    assert.equal(unreadable.status, 2);
    assert.match(unreadable.stderr, /^lint-vms: read the published state ".*vms": EISDIR/);
    const wrong = await lint('--bogus');
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /unknown option .*\n\nUsage: lint-vms/s);
  });
});

test('--json prints the findings as data, images are looked at where there are any, and nothing is written', async () => {
  await withVms(async (vms) => {
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, ssh_key: key, pxeboot: true }));
    await mkdir(join(vms, '../images/debian-12/aarch64'), { recursive: true });
    const before = (await stat(vms)).mtimeMs;

    const { status, stdout } = await lint('--vms', vms, '--images', join(vms, '../images'), '--json');

    assert.equal(status, 1);
    assert.deepEqual(JSON.parse(stdout), {
      findings: [
        {
          rule: 'image-architecture',
          level: 'warning',
          file: 'web1.json',
          path: '/arch',
          value: '"x86_64"',
          problem: 'has no image: images/debian-12/x86_64 is missing, images/debian-12/aarch64 is there',
          fix: 'correct "arch", or run "pvmlab distro pull" for debian-12 (x86_64)',
        },
      ],
    });
    assert.deepEqual([(await stat(vms)).mtimeMs, await readdir(vms)], [before, ['web1.json']]);
  });
});

test('files of ten megabytes and files with odd names are each a finding within their line', async () => {
  await withVms(async (vms) => {
    await writeFile(join(vms, 'big.json'), Buffer.alloc(10_000_000, 0x5b));
    await writeFile(join(vms, 'deep.json'), `{"install":${'['.repeat(400_000)}${']'.repeat(400_000)}}`);
    await writeFile(join(vms, 'x\n\u202e52:54:00:00:00:99,evil.json'), JSON.stringify(vm));
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, ssh_key: key }));

    const { status, stdout } = await lint('--vms', vms, '--images', '/nowhere');

    assert.equal(status, 1);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^error not-in-force big\.json: is larger than 1048576 bytes; /);
    assert.match(lines[1] ?? '', /^error not-in-force deep\.json \/\w+: is missing; /);
    const odd = lines.filter((line) => line.includes('evil'));
    assert.match(
      odd[0] ?? '',
      /^error not-in-force "x\\n\\u\{202e\}52:54:00:00:00:99,evil\.json" .*differs from the file name/,
    );
    assert.deepEqual(
      lines.filter((line) => !/^(?:error|warning|note) [\w-]+ (?:"x|big\.json|deep\.json)|^\d+ errors/.test(line)),
      [],
    );
  });
});

test('images are read where nothing is published about them, and what is published counts where something is', async () => {
  await withVms(async (vms) => {
    const [images, published] = [join(vms, '../images'), join(vms, '../images.json')];
    makeImage(join(images, 'debian-12/x86_64'), { 'rootfs.tar.gz': '<!DOCTYPE html>' });
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, ssh_key: key, pxeboot: true }));
    const look = () => lint('--vms', vms, '--images', images, '--inspected', published);

    const read = await look();
    await writeFile(published, formatPublishedImages({ images: [samplePublishedImage] }));

    assert.match(
      read.stdout,
      /^warning image-content web1\.json \/distro "debian-12": images\/debian-12\/x86_64\/rootfs\.tar\.gz is an HTML page, not an archive; fetch/,
    );
    assert.deepEqual(await look(), { status: 0, stdout: '0 errors, 0 warnings, 0 notes\n', stderr: '' });
  });
});

test('make lint-vms VMS=dir does the same', async () => {
  await withVms(async (vms) => {
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, ssh_key: key }));
    const make = (directory: string, ...more: string[]) =>
      finished(spawn('make', ['-s', '-C', repository, 'lint-vms', `VMS=${directory}`, ...more]));

    assert.deepEqual(await make(vms), { status: 0, stdout: '0 errors, 0 warnings, 0 notes\n', stderr: '' });
    assert.match((await make(vms, 'LINT=--json --images /nowhere')).stdout, /"findings": \[\]/);
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, pxeboot: true }));
    assert.match((await make(vms)).stdout, /^warning no-key web1\.json \/ssh_key: .*\n0 errors, 1 warnings/);
    const unnamed = await make('');
    assert.match(unnamed.stderr, /^lint-vms: which directory\? make lint-vms VMS=/);
    const missing = await make(join(vms, 'none'));
    assert.match(missing.stderr, /lint-vms: list the vms directory .*\n.*Error 2/);
  });
});

test('wrong variables are status 2 and a line for each, missing ones nothing', async () => {
  await withVms(async (vms) => {
    const wrong = { PROVISIONER_IP: '192.168.105.300', PXE_INTERFACE: 'eth/1' };

    assert.deepEqual(await lintWith(wrong, vms), {
      status: 2,
      stdout: '',
      stderr:
        'lint-vms: environment /PROVISIONER_IP "192.168.105.300": is not valid; expected an IPv4 address such as 192.168.105.1\n' +
        'lint-vms: environment /PXE_INTERFACE "eth/1": is not valid; ' +
        'expected an interface name of at most 15 characters such as eth1\n',
    });
    assert.equal((await lintWith({ PROVISIONER_IP: '192.168.105.1', DHCP_RANGE_START: '' }, vms)).status, 0);
  });
});

test('what a definition or its name holds is printed without characters that act on a terminal', async () => {
  await withVms(async (vms) => {
    const hostile = 'a\u009b2J\u202egnp\u2028b\u2066';
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, mac: hostile, Ip: hostile, arch: hostile }));
    await writeFile(join(vms, `${hostile}.json`), `{ "${hostile}" 1 }`);
    await writeFile(join(vms, `${hostile}.json5`), '');

    const words = await lint('--vms', vms, '--images', '/nowhere');
    const json = await lint('--vms', vms, '--images', '/nowhere', '--json');
    const missing = await lint('--vms', join(vms, hostile), '--images', '/nowhere');

    for (const { stdout, stderr } of [words, json, missing])
      assert.doesNotMatch(stdout + stderr, /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u);
    assert.match(words.stdout, /web1\.json \/mac "a\\u009b2J\\u202egnp\\u2028b\\u2066": is not a MAC address/);
    const { findings } = JSON.parse(json.stdout) as { findings: { file: string }[] };
    assert.ok(findings.some(({ file }) => file === `${hostile}.json`));
    assert.match(missing.stderr, /^lint-vms: list the vms directory /);
  });
});

test('an address that answers with another MAC is a warning, as vm_watcher has published it next to its state', async () => {
  await withVms(async (vms) => {
    const [state, conflicts] = ['vms.json', 'address-conflicts.json'].map((name) => join(vms, '..', name));
    await writeFile(join(vms, 'web1.json'), JSON.stringify({ ...vm, ip: '10.0.0.1', ssh_key: key }));
    const words = ['--vms', vms, '--images', '/nowhere', '--state', state ?? ''];
    const owner = { mac: vm.mac, vm: 'web1', by: 'definition' } as const;
    await writeFile(conflicts ?? '', formatAddressConflicts([{ ip: '10.0.0.1', mac: '02:00:00:00:00:99', owner }]));
    const found = await lint(...words);
    assert.equal(found.status, 1);
    assert.match(
      found.stdout,
      /^warning address-conflict web1\.json \/ip "10\.0\.0\.1": answers with another MAC, 02:/,
    );

    await writeFile(conflicts ?? '', '{');
    const unread = await lint(...words);
    assert.equal(unread.status, 2);
    assert.match(unread.stderr, /^lint-vms: read ".*address-conflicts\.json": address conflicts.*is not JSON/);
  });
});
