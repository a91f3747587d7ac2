import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';

import { InputError } from '@pxeboot/config/errors';
import type { InstallerConfig } from '@pxeboot/config/installer-config';
import { createLog } from '@pxeboot/config/log';
import { run } from '@pxeboot/config/run';
import type { StatusEvent } from '@pxeboot/config/status-event';

import type { Machine } from '../../src/install.ts';
import { install } from '../../src/install.ts';
import type { InstalledSystem } from '../../src/marker.ts';
import { probeDisk } from '../../src/probe-hardware.ts';
import { config, hardware } from '../unit/machine.ts';
import { installationInto } from './support/installation.ts';
import { loopDevice, readTable } from './support/loop-device.ts';
import { needs } from './support/requirements.ts';
import { serve } from './support/web-server.ts';

const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.fat', 'mkfs.ext4', 'mount', 'tar', 'gzip', 'cmp');
const timeoutMs = 60_000;

interface Trial {
  device: string;
  /** What happened, in order: requests, and the installer's log lines. */
  events: string[];
  printed: string[];
  reported: StatusEvent[];
  install(planOnly?: boolean): Promise<unknown>;
}

interface Given {
  config?: Partial<InstallerConfig>;
  /** Answers instead of files. */
  files?: Record<string, { status: number; text: string }>;
  /** What is found on the disk. */
  installed?: Omit<InstalledSystem, 'disk'>[];
}

/** A whole installation onto a loop device, from a real server; the tarball holds no system, so that it ends there. */
async function trial(context: TestContext, given: Given = {}): Promise<Trial> {
  const directory = await mkdtemp(join(tmpdir(), 'install-'));
  context.after(() => rm(directory, { recursive: true }));
  const device = await loopDevice(context);
  const events: string[] = [];
  const printed: string[] = [];
  const reported: StatusEvent[] = [];
  await mkdir(join(directory, 'empty'));
  const tarball = join(directory, 'tar');
  await run('tar', ['-czf', tarball, '-C', join(directory, 'empty'), '.'], { timeoutMs });
  const packed = await readFile(tarball);
  const url = await serve(context, (request, response) => {
    const path = request.url ?? '';
    if (path === '/status') {
      void text(request).then((body) => {
        reported.push(JSON.parse(body) as StatusEvent);
        response.writeHead(204).end();
      });
      return;
    }
    events.push(`${request.method ?? ''} ${path}`);
    const configured = { ...config, ...urls(url), status_url: `${url}/status`, ...given.config };
    const own: Record<string, { status: number; text: string }> = {
      '/config': { status: 200, text: JSON.stringify(configured) },
      '/SHA256SUMS': { status: 404, text: '' },
    };
    const { status, text: body } = { status: 200, text: packed, ...own[path], ...given.files?.[path] };
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), etag: '"1"' });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  const cmdline = join(directory, 'cmdline');
  await writeFile(cmdline, `config_url=${url}/config`);
  const disk = await probeDisk(device.replace('/dev/', ''), new Map());
  const { settleDevices } = installationInto('');
  const machine: Machine = {
    bringUpNetwork: () => Promise.resolve(),
    probeHardware: () => Promise.resolve(hardware(disk === undefined ? [] : [disk])),
    findInstalled: () => Promise.resolve([...(given.installed ?? [])].map((system) => ({ ...system, disk: device }))),
    settleDevices,
  };
  const log = createLog('test', (line) => events.push(line));
  const target = join(directory, 'target');
  return {
    device,
    events,
    printed,
    reported,
    install: (planOnly = false) =>
      install({ cmdline, target, planOnly, log, machine, print: (text) => printed.push(text) }),
  };
}

function urls(base: string): Pick<InstallerConfig, 'rootfs_url' | 'kernel_url' | 'kmods_url' | 'cloud_init_url'> {
  const [rootfs_url, kernel_url] = [`${base}/rootfs.tar.gz`, `${base}/vmlinuz-1-a`];
  return { rootfs_url, kernel_url, kmods_url: `${base}/modules.cpio.gz`, cloud_init_url: base };
}

/** The beginning and the end, where tables and signatures lie. */
async function isUntouched(device: string): Promise<boolean> {
  const { stdout } = await run('sh', ['-c', 'head -c 4194304 "$0"; tail -c 4194304 "$0"', device], { timeoutMs });
  return (
    createHash('sha256').update(stdout).digest('hex') ===
    createHash('sha256').update('\0'.repeat(8388608)).digest('hex')
  );
}

test(
  'everything that can be checked is asked for before the first step that destroys',
  requirements,
  async (context) => {
    const { device, events, install } = await trial(context);

    await assert.rejects(install(), /^InputError: copy the modules of kernel 1-a/);

    const first = events.findIndex((line) => line.includes('started: partition'));
    assert.deepEqual(
      events
        .slice(0, first)
        .filter((line) => /^(?:GET|HEAD)/.test(line))
        .toSorted(),
      [
        'GET /SHA256SUMS',
        'GET /config',
        'GET /meta-data',
        'GET /network-config',
        'GET /rootfs.tar.gz',
        'GET /user-data',
        'GET /vendor-data',
        'HEAD /rootfs.tar.gz',
        'HEAD /vmlinuz-1-a',
      ],
    );
    assert.deepEqual(
      events.slice(first).filter((line) => /^(?:GET|HEAD)/.test(line)),
      ['GET /rootfs.tar.gz', 'GET /vmlinuz-1-a'],
    );
    assert.deepEqual(
      (await readTable(device)).partitions.map(({ name }) => name),
      ['ESP', 'installing'],
    );
  },
);

const missing = { status: 404, text: '' };
const faults: [string, Given, RegExp][] = [
  [
    'a tarball that is not there',
    { files: { '/rootfs.tar.gz': missing } },
    /fetch .*rootfs\.tar\.gz: the server answered 404/,
  ],
  [
    'a kernel that is not there',
    { files: { '/vmlinuz-1-a': missing } },
    /fetch .*vmlinuz-1-a: the server answered 404/,
  ],
  ['a seed that is not there', { files: { '/user-data': missing } }, /fetch .*user-data: the server answered 404/],
  ['a malformed SHA256SUMS', { files: { '/SHA256SUMS': { status: 200, text: 'x' } } }, /SHA256SUMS: line 1 "x"/],
  ['a malformed configuration', { config: { console: 'a b' } }, /read the installer's configuration: .*\/console/],
  ['a disk that is too small', { config: { disk: { min_size: '5GiB' } } }, /it is too small, 5\.0 GiB are needed/],
  ['a hint that names nothing', { config: { disk: { serial: 'x' } } }, /install\.disk\.serial "x" does not name it/],
  ['a family that cannot be installed', { config: { distro: 'alpine-3' } }, /plan the installation of "alpine-3"/],
];
for (const [what, given, reason] of faults) {
  test(`${what} leaves the disk untouched`, requirements, async (context) => {
    const { device, install } = await trial(context, given);

    await assert.rejects(install(), (error: unknown) => error instanceof InputError && reason.test(error.message));
    assert.ok(await isUntouched(device));
  });
}

test(
  'asked for the plan only, it prints disk, commands and what they destroy, and touches nothing',
  requirements,
  async (context) => {
    const { device, printed, install } = await trial(context);

    assert.equal(await install(true), 'stay');

    const text = printed.join('\n');
    assert.match(text, new RegExp(`^disk ${device} \\(4\\.0 GiB, .*\\): taken$`, 'm'));
    assert.match(text, new RegExp(`^\\[1/15\\] partition ${device} .*\\(destroys all data on ${device}\\)$`, 'm'));
    assert.match(text, new RegExp(`^ +printf .* \\| sfdisk --quiet --lock --wipe always .* ${device}$`, 'm'));
    assert.ok(await isUntouched(device));
  },
);

test('what was run is what the plan said', requirements, async (context) => {
  const { events, printed, install } = await trial(context);
  await install(true);
  // Chosen anew at each installation.
  const withoutIds = (text: string): string => text.replaceAll(/(-U|-i) [\w-]+/g, '$1 ID');
  const planned = withoutIds(printed.join('\n'));

  await assert.rejects(install());

  const ran = events.flatMap((line) => {
    const [, command] = / run command=(".*")$/.exec(line) ?? [];
    return command === undefined ? [] : [withoutIds(String(JSON.parse(command)))];
  });
  assert.deepEqual(
    ran.filter((command) => !command.startsWith('mknod')).map((command) => command.split(' ')[0]),
    ['sfdisk', 'mkfs.fat', 'mkfs.ext4', 'mount'],
  );
  for (const command of ran) assert.ok(planned.includes(command), command);
});

const marker = {
  vm: 'web1',
  mac: config.mac,
  distro: 'debian-12',
  reinstall_token: 'token-1',
  installed_at: '2026-01-02T03:04:05.000Z',
};

test(
  'with install.once a machine that is installed stays as it is, says so and goes on',
  requirements,
  async (context) => {
    const given = { config: { once: true, reinstall_token: 'token-1' }, installed: [{ marker }] };
    const { device, events, reported, install } = await trial(context, given);

    assert.equal(await install(), 'reboot');

    assert.ok(await isUntouched(device));
    assert.deepEqual(
      events.filter((line) => /^(?:GET|HEAD)/.test(line)),
      ['GET /config'],
    );
    const { step, state, message, reinstall_token } = reported.at(-1) ?? assert.fail('nothing was reported');
    assert.deepEqual(
      [step, state, message, reinstall_token],
      [
        'already-installed',
        'finished',
        `${device} holds the system of "web1" since 2026-01-02T03:04:05.000Z; nothing was touched`,
        'token-1',
      ],
    );
  },
);

test('with install.once and .noreboot it stays in the shell', requirements, async (context) => {
  const given = { config: { once: true, reboot_on_success: false, reinstall_token: '' }, installed: [{ marker }] };
  const { install } = await trial(context, given);

  assert.equal(await install(), 'stay');
});

test('a marker that cannot be read ends the installation before the disk is touched', requirements, async (context) => {
  const given = { config: { once: true }, installed: [{ problem: 'mount: input/output error' }] };
  const { device, reported, install } = await trial(context, given);

  await assert.rejects(
    install(),
    /^HostError: look for the marker of an earlier installation on .*input\/output error/,
  );

  assert.ok(await isUntouched(device));
  assert.deepEqual([reported.at(-1)?.step, reported.at(-1)?.state], ['install', 'failed']);
});

for (const [what, settings] of [
  ['a new reinstall token', { once: true, reinstall_token: 'token-2' }],
  ['install.once being off', { once: false, reinstall_token: 'token-1' }],
] as const) {
  test(`${what} installs again`, requirements, async (context) => {
    const { device, install } = await trial(context, { config: settings, installed: [{ marker }] });

    await assert.rejects(install(), /copy the modules of kernel 1-a/);

    assert.equal((await readTable(device)).label, 'gpt');
  });
}
