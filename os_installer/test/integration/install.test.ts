import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseStatusEvent, statusBodyLimit } from '@pxeboot/config/contract/status-event';
import { InputError } from '@pxeboot/config/kit/errors';

import { disk, hardware } from '../unit/sample-machine.ts';
import { readTable } from './support/loop-device.ts';
import type { Given } from './support/trial.ts';
import { isUntouched, requirements, trial } from './support/trial.ts';

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
  [
    'a machine without a disk',
    { probes: { probeHardware: () => Promise.resolve(hardware([])) } },
    /choose a disk: this machine has no disk/,
  ],
  ['a hint that names nothing', { config: { disk: { serial: 'x' } } }, /install\.disk\.serial "x" does not name it/],
  [
    'a kernel that cannot mount what is going to be made',
    { probes: { requireFileSystems: () => Promise.reject(new InputError('cannot mount vfat')) } },
    /cannot mount vfat/,
  ],
];
for (const [what, given, reason] of faults) {
  test(`${what} leaves the disk untouched`, requirements, async (context) => {
    const { device, install } = await trial(context, given);

    await assert.rejects(install(), (error: unknown) => error instanceof InputError && reason.test(error.message));
    assert.ok(await isUntouched(device));
  });
}

/** A byte of the header that gzip's own check of the content leaves out: the operating system (RFC 1952, 2.3). */
const operatingSystem = 9;
const damages: [string, (tarball: Buffer) => Buffer, RegExp][] = [
  [
    'cut short',
    (tarball) => tarball.subarray(0, -30),
    /^unpack \S+: gzip exited with 1: .*unexpected end of file.*; the tarball is corrupt or cut short, fetch the image again$/,
  ],
  [
    'altered without changing its length',
    (tarball) => Buffer.from(tarball.with(operatingSystem, 255)),
    /^check \S+: its SHA-256 is "[0-9a-f]{64}" and SHA256SUMS beside it says "[0-9a-f]{64}"/,
  ],
];
for (const [what, damage, reason] of damages) {
  test(
    `a tarball that is ${what} leaves a disk marked as not installed, and the server is told`,
    requirements,
    async (t) => {
      const { device, reported, install } = await trial(t, { damage });

      await assert.rejects(install(), (error: Error) => {
        assert.match(error.message, reason);
        return true;
      });

      const last = reported.at(-1);
      assert.equal(last?.state, 'failed');
      assert.match(last.message ?? '', reason);
      const steps = reported.map(({ step }) => step);
      assert.ok(steps.includes('unpack') && !steps.includes('boot-loader'), steps.join(' '));
      assert.deepEqual(
        (await readTable(device)).partitions.map(({ name }) => name),
        ['ESP', 'installing'],
      );
    },
  );
}

test(
  'asked for the plan only, it prints disk, commands and what they destroy, and touches nothing',
  requirements,
  async (context) => {
    const { device, printed, install } = await trial(context);

    assert.equal(await install(true), 'stay');

    const text = printed.join('\n');
    assert.match(text, new RegExp(`^disk ${device} \\(4\\.0 GiB, .*\\): taken$`, 'm'));
    assert.match(text, new RegExp(`^\\[1/16\\] partition ${device} .*\\(destroys all data on ${device}\\)$`, 'm'));
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

test('a failed step leaves the whole plan and what to type next', requirements, async (context) => {
  const { device, saved, next, install } = await trial(context);

  await assert.rejects(install());

  assert.match(saved.join(''), new RegExp(`sfdisk --quiet --lock --wipe always .* ${device}`));
  assert.equal(next.length, 1);
  assert.match(
    next[0]?.join('\n') ?? '',
    /^wget -O \/dev\/null http:\S+\/vmlinuz-1-a\nls \/lib\/modules\nos-installer$/,
  );
});

test(
  'an absent status server stops nothing: all steps run, and the end is waited for only so long',
  requirements,
  async (t) => {
    const { events, install } = await trial(t, { config: { status_url: 'http://127.0.0.1:9/status' } });
    const startedAt = performance.now();

    await assert.rejects(install(), /^InputError: copy the modules of kernel 1-a/);

    // 15 s for the last report; the rest is the installation.
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 25_000, `${tookMs} ms`);
    assert.match(events.join('\n'), /warn test status not reported url=http:\/\/127\.0\.0\.1:9\/status/);
  },
);

test('the hardware is reported as the server takes it', requirements, async (context) => {
  const { device, reported, install } = await trial(context);

  await assert.rejects(install(), /^InputError: copy the modules of kernel 1-a/);

  for (const event of reported) assert.ok(parseStatusEvent('test', JSON.stringify(event)).ok, event.step);
  const shown = reported.flatMap(({ facts }) => facts?.disks.map(({ path }) => path) ?? []);
  assert.deepEqual(shown, [device]);
});

test(
  'a machine with more disks than a report holds is installed, and says why they are not shown',
  requirements,
  async (context) => {
    const otherDisks = Array.from({ length: 400 }, (_, n) =>
      disk(`sd${n}`, { readOnly: true, serial: 's'.repeat(300) }),
    );
    const { events, reported, install } = await trial(context, { otherDisks });

    await assert.rejects(install(), /^InputError: copy the modules of kernel 1-a/);

    const warning =
      /^warning: the hardware is not reported: what 401 disks say of themselves has \d+ bytes, and a report takes 64512; /;
    assert.deepEqual(
      reported.slice(0, 3).map(({ step, state, message = '' }) => [step, state, message.replace(warning, '')]),
      [
        ['prepare', 'started', ''],
        ['prepare', 'progress', 'install.log names each disk'],
        ['prepare', 'finished', ''],
      ],
    );
    assert.ok(reported.every((event) => event.facts === undefined && JSON.stringify(event).length < statusBodyLimit));
    assert.match(events.join('\n'), /warn test the hardware is not reported: what 401 disks /);
  },
);

test('an installation whose hardware the server refuses goes on', requirements, async (context) => {
  const { events, reported, install } = await trial(context, { statusAnswers: [204, 413] });

  await assert.rejects(install(), /^InputError: copy the modules of kernel 1-a/);

  assert.ok(reported.length > 10 && reported.every(({ facts }) => facts === undefined));
  assert.match(events.join('\n'), /warn test status refused url=\S+ step=prepare status=413/);
});

test('a failure before the plan says what to type next', requirements, async (context) => {
  const plan = await trial(context, { config: { disk: { serial: 'x' } } });
  const server = await trial(context, { files: { '/config': { status: 404, text: 'unknown' } } });

  await assert.rejects(plan.install());
  await assert.rejects(server.install());

  assert.deepEqual(plan.next, [['cat /proc/partitions', 'os-installer --plan', 'os-installer']]);
  assert.match(server.next[0]?.join('\n') ?? '', /^ip route\nwget -O - http:\S+\/config\nos-installer$/);
});

test(
  'nothing of the seed is printed, logged, planned or reported, also when it fails',
  requirements,
  async (context) => {
    const secret = 'hunter2-hunter2';
    const seed = { status: 200, text: `#cloud-config\npassword: ${secret}\n` };
    const { events, printed, saved, reported, next, install } = await trial(context, { files: { '/user-data': seed } });

    await install(true);
    await assert.rejects(install());

    const shown = JSON.stringify([events, printed, saved, reported, next]);
    assert.ok(shown.includes('nocloud-net/user-data'));
    assert.ok(!shown.includes(secret));
  },
);
