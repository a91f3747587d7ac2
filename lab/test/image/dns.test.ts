import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';

import { provisionerIp } from '../../src/decide/settings.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { requestLease } from './support/dhcp-client.ts';
import { resolveName } from './support/dns.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestStack } from './support/stack.ts';
import { createTestStack } from './support/stack.ts';

const answers = new URL('support/resolver-that-answers.ts', import.meta.url).pathname;
const asksBack = new URL('support/resolver-that-asks-back.ts', import.meta.url).pathname;
const countFile = `/var/tmp/pxeboot-dns-count-${process.pid}`;

describe('DNS of the built image', imageSuite(), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
  });

  afterEach(async () => {
    await stack.remove();
    await rm(countFile, { force: true });
  });

  after(async () => {
    await stack.dispose();
  });

  test("a name outside the lab is asked of the host's resolver, 127.0.0.53", async () => {
    const resolver = await stack.network.startInBackground(process.execPath, [answers]);
    try {
      await stack.startAndWait({ options: ['--dns', '127.0.0.53'] });

      assert.deepEqual(await resolveName(stack.network, 'outside.example.org'), ['203.0.113.7']);
      assert.deepEqual(await resolveName(stack.network, 'nobody.pvmlab.local'), []);
    } finally {
      await resolver.stop();
    }
  });

  test('a host resolver that asks us again is found out: no storm of questions', async () => {
    const resolver = await stack.network.startInBackground(process.execPath, [asksBack, provisionerIp, countFile]);
    try {
      await stack.startAndWait({ options: ['--dns', '127.0.0.53'] });

      assert.deepEqual(await resolveName(stack.network, 'outside.example.org'), []);
      const questions = Number(await readFile(countFile, 'utf8'));
      assert.ok(questions < 20, `${questions} questions`);
    } finally {
      await resolver.stop();
    }
  });

  test('only a definition makes a name: not what a guest calls itself', async () => {
    const vm = { name: 'web1', role: 'target', arch: 'x86_64', mac: '52:54:00:00:00:41', distro: 'debian-12' };
    const other = { ...vm, name: 'web2', mac: '52:54:00:00:00:43', ip: '192.168.105.43' };
    await stack.save('web1.json', vm);
    await stack.save('web2.json', other);
    await stack.startAndWait();
    await waitUntil('dnsmasq has read both', 10_000, async () => {
      return (await resolveName(stack.network, 'web2.pvmlab.local'))[0] === other.ip;
    });
    const stranger = await stack.network.addClient('stranger', '52:54:00:00:00:42');
    const web1 = await stack.network.addClient('web1', vm.mac);

    for (const hostname of ['wpad', 'web1']) {
      await requestLease(stranger, { hostname });
      assert.deepEqual(await resolveName(stack.network, `${hostname}.pvmlab.local`), [], hostname);
    }
    const { ip } = await requestLease(web1, { hostname: 'wpad' });
    assert.deepEqual(await resolveName(stack.network, 'web1.pvmlab.local'), [ip]);
    assert.deepEqual(await resolveName(stack.network, 'wpad.pvmlab.local'), []);
  });
});
