import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const repository = join(import.meta.dirname, '../../../..');
const jumpingClock = join(repository, 'vm_watcher/test/support/jumping-clock.ts');
/** RFC 5737: nobody's. */
const absentAddress = '192.0.2.1';

test('a wall clock that is set while the interface is waited for does not end the start', async () => {
  const main = join(repository, 'config/container/main.ts');
  const env = {
    ...process.env,
    PROVISIONER_IP: absentAddress,
    DHCP_RANGE_START: '192.0.2.100',
    DHCP_RANGE_END: '192.0.2.199',
  };
  const child = spawn(process.execPath, ['--import', jumpingClock, main], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await once(child.stdout, 'data');

  await sleep(2000);

  assert.equal(child.exitCode, null, log);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.match(log, /waiting for the private interface address=192\.0\.2\.1 interface=any seconds_left=60/);
});
