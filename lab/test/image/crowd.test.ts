import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';

import { provisionerIp } from '../../src/decide/settings.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import { pidOf } from './support/processes.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack } from './support/stack.ts';

/** What only a stack that has stopped answering reaches. */
const hangsMs = 180_000;
/** The container's own address of the network, outside the range. */
const crowdAddress = '192.168.105.250';

describe('a crowd of VMs before the built image', imageSuite(), () => {
  let stack: TestStack;
  let crowd: TestClient;

  before(async () => {
    stack = await createTestStack();
    crowd = await stack.network.addClient('crowd', '52:54:00:00:00:51');
    await crowd.run('ip', ['address', 'add', `${crowdAddress}/24`, 'dev', 'eth0']);
    await crowd.run('ip', ['route', 'add', 'default', 'via', provisionerIp]);
  });

  afterEach(async () => {
    await stack.remove();
  });

  after(async () => {
    await stack.dispose();
  });

  /** Addresses by MAC. */
  async function leases(first: string, count: number): Promise<Map<string, string>> {
    const lines = await crowdOf('lease-crowd.ts', ['--first', first, '--count', String(count)]);
    return new Map(lines.map(([mac = '', address = '']) => [mac, address]));
  }

  async function crowdOf(script: string, args: readonly string[]): Promise<string[][]> {
    const file = join(import.meta.dirname, 'support/crowd', script);
    const { stdout } = await crowd.run(process.execPath, [file, ...args], hangsMs);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
  }

  test('200 VMs load iPXE at the same time', async () => {
    await stack.startAndWait();

    const loaded = await crowdOf('load-crowd.ts', [
      ...['--server', provisionerIp, '--file', 'ipxe-x86_64.efi', '--count', '200', '--hold'],
    ]);

    const size = (await stack.exec(['stat', '-c', '%s', '/srv/tftp/ipxe-x86_64.efi'])).trim();
    assert.deepEqual(
      loaded.filter(([bytes, begun]) => bytes !== size || begun !== '0'),
      [],
    );
    assert.equal(loaded.length, 200);
    assert.doesNotMatch(await stack.logs(), /restricting maximum simultaneous TFTP transfers|open file resource limit/);
  });

  // The other two raise their own to the hard limit, as every program of Node does.
  test('dnsmasq and nginx may have 16384 files open', async () => {
    await stack.startAndWait({ options: ['--ulimit', 'nofile=1024:18000'] });

    for (const service of ['dnsmasq', 'nginx']) {
      const limits = await stack.exec(['cat', `/proc/${await pidOf(stack, service)}/limits`]);
      assert.match(limits, /^Max open files +16384 +18000 /m, service);
    }
  });

  test('under a hard limit of 1024 the container starts, and dnsmasq says how many transfers it can do', async () => {
    await stack.startAndWait({ options: ['--ulimit', 'nofile=1024:1024'] });

    assert.match(await stack.logs(), /dnsmasq.* restricting maximum simultaneous TFTP transfers to \d{3}$/m);
    assert.doesNotMatch(await stack.logs(), /open file resource limit/);
  });

  test('a stranger is offered an address without a ping before it', async () => {
    await stack.startAndWait();
    const pings = async (): Promise<string> => {
      const { stdout } = await stack.network.run('cat', ['/proc/net/snmp']);
      return /^IcmpMsg: .*\nIcmpMsg: .*$/m.exec(stdout)?.[0] ?? '';
    };
    const before = await pings();

    assert.equal((await leases('52:54:00:20:00:01', 1)).size, 1);

    // Type 8 is the echo request (RFC 792).
    assert.doesNotMatch(await pings(), /OutType8/, before);
  });

  // The last quarter of the range is theirs, 25 addresses.
  test('20 strangers keep their addresses over a restart, and 5 more get others', async () => {
    await stack.startAndWait();
    const early = await leases('52:54:00:21:00:01', 20);
    await stack.docker(['restart', container]);
    await stack.untilServing();

    const late = await leases('52:54:00:22:00:01', 5);

    const given = new Set([...early.values(), ...late.values()]);
    assert.equal(given.size, 25, 'an address was given twice');
    assert.deepEqual(await leases('52:54:00:21:00:01', 20), early);
    assert.match(await stack.logs(), /info entrypoint leases of the last run restored leases=20$/m);
  });

  test('leases are written to memory', async () => {
    await stack.startAndWait();
    await leases('52:54:00:23:00:01', 1);

    const type = await stack.exec(['stat', '-f', '-c', '%T', '/dev/shm/pxeboot/dnsmasq.leases']);
    const text = await stack.exec(['cat', '/dev/shm/pxeboot/dnsmasq.leases']);

    assert.equal(type.trim(), 'tmpfs');
    assert.match(text, / 52:54:00:23:00:01 192\.168\.105\.\d+ /);
  });
});
