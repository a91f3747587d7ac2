import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { execa } from 'execa';

import { needs } from '../../support/requirements.ts';

const { skip } = needs('capsh');
const main = join(import.meta.dirname, '../../../container/main.ts');
/** RFC 5737: no interface has it, so that a start that goes on waits. */
const env = { PROVISIONER_IP: '192.0.2.1', DHCP_RANGE_START: '192.0.2.100', DHCP_RANGE_END: '192.0.2.199' };
const v6 = { DHCP_RANGE_V6_START: '::64', DHCP_RANGE_V6_END: '::c8' };

/** The entry point as root without some capabilities, as an engine starts it. */
function startWithout(capabilities: string, more: Record<string, string> = {}) {
  const command = ['exec', process.execPath, main].join(' ');
  const options = { reject: false, env: { ...env, ...more }, timeout: 30_000 } as const;
  return execa('capsh', [`--drop=${capabilities}`, '--', '-c', command], options);
}

const refused: [string, Record<string, string>, string][] = [
  ['cap_net_admin', {}, '--cap-add NET_ADMIN'],
  ['cap_net_raw', v6, '--cap-add NET_RAW'],
  ['cap_net_admin,cap_net_raw', v6, '--cap-add NET_ADMIN --cap-add NET_RAW'],
  ['cap_chown,cap_kill', {}, '--cap-add CHOWN --cap-add KILL'],
];
for (const [capabilities, more, fix] of refused) {
  test(`without ${capabilities} the start ends with status 2, one line and what to do`, { skip }, async () => {
    const { exitCode, stdout } = await startWithout(capabilities, more);

    assert.equal(exitCode, 2, stdout);
    const lines = stdout.split('\n');
    assert.equal(lines.length, 1, stdout);
    assert.match(lines[0] ?? '', / error entrypoint check the capabilities of the container: it lacks /);
    assert.ok(lines[0]?.includes(`; start it with "${fix}", or with --privileged`), stdout);
  });
}

test('without NET_RAW, which podman does not give, IPv4 alone starts', { skip }, async () => {
  const child = startWithout('cap_net_raw');
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => {
    log += chunk.toString();
    if (log.includes('\n')) child.kill('SIGTERM');
  });

  const { exitCode } = await child;

  assert.match(log, /waiting for the private interface/);
  assert.equal(exitCode, 0);
});
