import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { waitUntil } from '../../src/wait-until.ts';
import { requestLease } from './support/dhcp-client.ts';
import type { DirectoryFacts } from './support/directory-facts.ts';
import { directoryFacts } from './support/directory-facts.ts';
import { resolveName } from './support/dns.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import type { TestStack } from './support/stack.ts';
import { createTestStack } from './support/stack.ts';

const mac = '52:54:00:00:00:51';
const web1 = {
  name: 'web1',
  role: 'target',
  arch: 'x86_64',
  mac,
  ip: '192.168.105.51',
  distro: 'debian-12',
  pxeboot: true,
};
const db1 = { ...web1, name: 'db1', mac: '52:54:00:00:00:52', ip: '192.168.105.52' };

describe('definitions while the built image runs', imageSuite(), () => {
  let stack: TestStack;
  let client: TestClient;
  /** The definitions' directory as the test has left it. */
  let own: DirectoryFacts;

  before(async () => {
    stack = await createTestStack();
    client = await stack.network.addClient('vm', mac);
    own = await directoryFacts(stack.vms);
    await stack.startAndWait();
    await save('db1.json', db1);
    await nameIs('db1', ['192.168.105.52']);
  });

  after(async () => {
    await stack.dispose();
  });

  async function save(file: string, content: string | object): Promise<void> {
    await untouched();
    await stack.save(file, content);
    own = await directoryFacts(stack.vms);
  }

  async function untouched(): Promise<void> {
    assert.deepEqual(await directoryFacts(stack.vms), own);
  }

  async function nameIs(name: string, addresses: readonly string[]): Promise<void> {
    await waitUntil(`${name} is ${addresses.join(' ') || 'unknown'}`, 10_000, async () => {
      const found = await resolveName(stack.network, `${name}.pvmlab.local`);
      return found.join() === addresses.join();
    });
  }

  test('before its definition a VM gets 404 and an address of the range', async () => {
    assert.equal((await stack.get(`/ipxe?mac=${mac}`)).status, 404);
    assert.notEqual((await requestLease(client))['ip'], '192.168.105.51');
  });

  test('an added definition is known to DNS, DHCP and HTTP', async () => {
    await save('web1.json', web1);

    await nameIs('web1', ['192.168.105.51']);
    assert.equal((await requestLease(client))['ip'], '192.168.105.51');
    const { status, body } = await stack.get(`/cloud-init/web1/meta-data`);
    assert.equal(status, 200);
    assert.match(body, /web1/);
  });

  test('a changed address is in force without the old one', async () => {
    await save('web1.json', { ...web1, ip: '192.168.105.61' });

    await nameIs('web1', ['192.168.105.61']);
    assert.equal((await requestLease(client))['ip'], '192.168.105.61');
  });

  test('a broken file keeps its last good version and harms no other', async () => {
    await save('web1.json', '{"name": "web1", ');

    await waitUntil('the log names it', 10_000, async () => /web1\.json.*is not JSON/.test(await stack.logs()));
    await nameIs('web1', ['192.168.105.61']);
    await nameIs('db1', ['192.168.105.52']);
    assert.equal((await stack.get('/cloud-init/web1/meta-data')).status, 200);
  });

  test('a file that was never good is not served, and the screen says why', async () => {
    await save('bad.json', { ...web1, name: 'bad', mac: '52:54:00:zz:00:01' });

    await waitUntil('the log names it', 10_000, async () => /bad\.json.*52:54:00:zz:00:01/.test(await stack.logs()));
    assert.equal((await stack.get('/cloud-init/bad/meta-data')).status, 404);
    const { body: screen } = await stack.get('/ipxe/why?mac=52:54:00:00:00:77');
    assert.match(screen, /^echo pxeboot_stack: this VM \(MAC 52:54:00:00:00:77\) is not defined\.$/m);
    assert.match(screen.replaceAll('\necho ', ' '), /bad\.json is not in force: \/mac 52:54:00:zz:00:01/);
    await nameIs('db1', ['192.168.105.52']);
  });

  test('a removed definition vanishes from DNS, DHCP and HTTP', async () => {
    await untouched();
    await rm(join(stack.vms, 'web1.json'));
    own = await directoryFacts(stack.vms);

    await nameIs('web1', []);
    assert.equal((await stack.get(`/ipxe?mac=${mac}`)).status, 404);
    assert.notEqual((await requestLease(client))['ip'], '192.168.105.61');
  });

  test("nothing is written into the definitions' directory", async () => {
    await untouched();
    assert.deepEqual(Object.keys(own), ['.', 'bad.json', 'db1.json']);
  });
});
