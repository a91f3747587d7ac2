import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';

import { provisionerIp } from '../../src/decide/settings.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack } from './support/stack.ts';

describe('the built image in a wrong environment', imageSuite(), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
  });

  afterEach(async () => {
    await stack.remove();
  });

  after(async () => {
    await stack.dispose();
  });

  const wrong: { what: string; env: Record<string, string | undefined>; says: RegExp[] }[] = [
    { what: 'without PROVISIONER_IP', env: { PROVISIONER_IP: undefined }, says: [/PROVISIONER_IP/] },
    {
      what: 'with two malformed variables',
      env: { PROVISIONER_IP: '192.168.105.300', DHCP_RANGE_START: 'first' },
      says: [
        /PROVISIONER_IP "192\.168\.105\.300".*expected an IPv4 address/,
        /DHCP_RANGE_START "first".*expected an IPv4 address/,
      ],
    },
    {
      what: 'with a range that ends before it begins',
      env: { DHCP_RANGE_END: '192.168.105.50' },
      says: [/DHCP_RANGE_END "192\.168\.105\.50".*before DHCP_RANGE_START/],
    },
    {
      what: 'with half of the IPv6 range',
      env: { DHCP_RANGE_V6_START: '::64' },
      says: [/DHCP_RANGE_V6_END/],
    },
    {
      what: "with a range outside the interface's network",
      env: { DHCP_RANGE_START: '10.0.0.5', DHCP_RANGE_END: '10.0.0.9' },
      says: [/DHCP_RANGE_START "10\.0\.0\.5".*pxe0.*192\.168\.105\.1\/24/, /DHCP_RANGE_END "10\.0\.0\.9"/],
    },
  ];
  for (const { what, env, says } of wrong) {
    test(`${what} it ends with status 2 and says so`, async () => {
      await stack.start({ env });

      assert.equal(await stack.exitStatus(20_000), 2);
      const lines = (await stack.logs()).split('\n').filter((line) => line.includes(' error entrypoint '));
      assert.equal(lines.length, says.length, lines.join('\n'));
      for (const [index, pattern] of says.entries()) assert.match(lines[index] ?? '', pattern);
    });
  }

  const holders = [
    { protocol: 'tcp', port: 80, address: provisionerIp },
    { protocol: 'tcp', port: 80, address: '0.0.0.0' },
    { protocol: 'tcp', port: 80, address: '::' },
    { protocol: 'udp', port: 53, address: provisionerIp },
    { protocol: 'udp', port: 69, address: '0.0.0.0' },
  ];
  for (const { protocol, port, address } of holders) {
    test(`port ${port}/${protocol}, taken on ${address}, ends it with status 1 and is named`, async () => {
      const program =
        protocol === 'tcp'
          ? `require('net').createServer().listen(${port}, '${address}')`
          : `require('dgram').createSocket('udp4').bind(${port}, '${address}')`;
      const holder = await stack.network.startInBackground(process.execPath, ['-e', program]);
      try {
        await stack.start();

        assert.equal(await stack.exitStatus(20_000), 1);
        assert.match(
          await stack.logs(),
          new RegExp(`error entrypoint listen for \\w+ on ${provisionerIp} port ${port}/${protocol}: already taken`),
        );
      } finally {
        await holder.stop();
      }
    });
  }

  test('a DHCP server on another interface is no obstacle', async () => {
    await stack.network.run('ip', ['link', 'add', 'other0', 'type', 'bridge']);
    await stack.network.run('ip', ['address', 'add', '10.9.9.1/24', 'dev', 'other0']);
    await stack.network.run('ip', ['link', 'set', 'other0', 'up']);
    // In the foreground, without DNS; it replaces its pid file and writes its leases, so both are files of its own.
    const directory = await mkdtemp(join(tmpdir(), 'other-dhcp-'));
    const files = [`--pid-file=${join(directory, 'pid')}`, `--dhcp-leasefile=${join(directory, 'leases')}`];
    const holder = await stack.network.startInBackground('dnsmasq', [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--interface=other0', '--bind-interfaces'],
      ...['--dhcp-range=10.9.9.10,10.9.9.20', '--user=root', ...files],
    ]);
    try {
      await stack.startAndWait();
    } finally {
      await holder.stop();
      await stack.network.run('ip', ['link', 'delete', 'other0']);
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('an older container of the stack is named by the ports it holds', async () => {
    await stack.startAndWait();
    await stack.docker(['rename', container, 'older']);
    try {
      await stack.start();

      assert.equal(await stack.exitStatus(20_000), 1);
      const log = await stack.logs();
      for (const port of ['53/udp', '53/tcp', '67/udp', '69/udp', '80/tcp']) {
        assert.match(log, new RegExp(`port ${port}: already taken by .*older one`));
      }
    } finally {
      await stack.docker(['rm', '--force', 'older']);
    }
  });

  test('while the interface is missing it waits and says so, starts once it is there, and stops with status 0', async () => {
    await stack.network.run('ip', ['address', 'delete', `${provisionerIp}/24`, 'dev', 'pxe0']);
    await stack.start();
    await waitUntil('it says that it waits', 10_000, async () =>
      (await stack.logs()).includes('waiting for the private interface'),
    );
    await stack.network.run('ip', ['address', 'add', `${provisionerIp}/24`, 'dev', 'pxe0']);

    await stack.untilServing();
    await stack.docker(['stop', container]);
    assert.equal(await stack.exitStatus(5000), 0);
  });

  test('docker stop during the wait for the interface ends it with status 0', async () => {
    await stack.start({ env: { PXE_INTERFACE: 'nosuch0' } });
    await waitUntil('it says that it waits', 10_000, async () => (await stack.logs()).includes('interface=nosuch0'));

    const { ms } = await stack.docker(['stop', container]);

    assert.ok(ms < 5000, `took ${ms} ms`);
    assert.equal(await stack.exitStatus(5000), 0);
  });
});
