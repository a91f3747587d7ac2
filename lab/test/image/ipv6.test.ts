import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { ipv6Environment } from '../../src/container.ts';
import { provisionerIpV6, subnetV6 } from '../../src/decide/settings.ts';
import { addIpv6 } from '../../src/ipv6.ts';
import { requestLeaseV6 } from './support/dhcpv6-client.ts';
import { resolveName } from './support/dns.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import type { TestStack } from './support/stack.ts';
import { createTestStack, lab } from './support/stack.ts';

const mac = '52:54:00:00:00:61';
const ipv6 = `${provisionerIpV6.slice(0, -1)}1e`;
const definition = {
  name: 'web6',
  role: 'target',
  arch: 'x86_64',
  mac,
  ip: '192.168.105.30',
  subnet: '192.168.105.0/24',
  ipv6,
  subnetv6: subnetV6,
  pxeboot: true,
  distro: 'debian-12',
};

describe('the built image in a network with IPv6', imageSuite(lab, ['radvd', 'dhclient']), () => {
  let stack: TestStack;
  let known: TestClient;
  let unknown: TestClient;

  before(async () => {
    stack = await createTestStack();
    await addIpv6(lab);
    known = await stack.network.addClient('v6a', mac);
    unknown = await stack.network.addClient('v6b', '52:54:00:00:00:62');
    await stack.save('web6.json', definition);
    // A client's link-local address is usable once nobody else has claimed it (RFC 4862, 5.4).
    await sleep(2_000);
  });

  after(async () => {
    await stack.dispose();
  });

  test('offers nothing of IPv6 without the two variables', async () => {
    await stack.startAndWait();

    assert.equal((await stack.network.run('ss', ['-Hlun', 'sport = :547'])).stdout, '');
    await assert.rejects(requestLeaseV6(known), /exited with 124/);
    assert.deepEqual((await stack.network.run('ss', ['-Hlwn'])).stdout.match(/icmp6/g), null);
  });

  describe('with the two variables', () => {
    before(async () => {
      await stack.remove();
      await stack.startAndWait({ env: ipv6Environment });
    });

    test('gives a defined VM the address of its definition, and itself as name server', async () => {
      assert.deepEqual(await requestLeaseV6(known), { address: ipv6, nameServers: provisionerIpV6 });
    });

    test('gives another machine an address of the range', async () => {
      const { address } = await requestLeaseV6(unknown);

      const suffix = /^fd5c:6c61:6200:1::([0-9a-f]{2})$/.exec(address ?? '')?.[1] ?? '';
      assert.ok(parseInt(suffix, 16) >= 0x64 && parseInt(suffix, 16) <= 0xc8, address);
    });

    test('resolves the name to both addresses', async () => {
      assert.deepEqual(await resolveName(stack.network, 'web6.pvmlab.local', 6), [ipv6]);
      assert.deepEqual(await resolveName(stack.network, 'web6.pvmlab.local'), [definition.ip]);
    });

    test('listens for DHCPv6 on the private interface alone', async () => {
      const { stdout } = await stack.network.run('ss', ['-Hlun', 'sport = :547']);

      assert.match(stdout, /%pxe0:547/);
      assert.equal(stdout.split('\n').length, 1);
    });
  });
});
