import assert from 'node:assert/strict';
import { test } from 'node:test';

import { config } from '../unit/sample-machine.ts';
import { readTable } from './support/loop-device.ts';
import { isUntouched, requirements, trial } from './support/trial.ts';

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

test('a success is reported before the machine restarts, however often that takes', requirements, async (context) => {
  // The first two events are those of the preparation.
  const statusAnswers = [204, 204, 503, 502, 503, 500];
  const given = { config: { once: true, reinstall_token: '' }, installed: [{ marker }], statusAnswers };
  const { reported, install } = await trial(context, given);

  assert.equal(await install(), 'reboot');

  assert.deepEqual(statusAnswers, []);
  assert.deepEqual([reported.at(-1)?.step, reported.at(-1)?.state], ['already-installed', 'finished']);
});

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
