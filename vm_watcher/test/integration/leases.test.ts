import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { networkTest } from '../support/guest-network.ts';
import type { RunningStack, WrittenVm } from '../support/running-stack.ts';
import { eventually, saveVm, startStack } from '../support/running-stack.ts';

const { skip } = networkTest();
const [mac1, mac2, mac3] = ['52:54:00:aa:bb:01', '52:54:00:aa:bb:02', '52:54:00:aa:bb:03'];

interface Family {
  name: string;
  addresses: readonly [string, string];
  vm(name: string, mac: string, address: string): WrittenVm;
  request(stack: RunningStack, mac: string): Promise<string | undefined>;
}

const families: Family[] = [
  {
    name: 'IPv4',
    addresses: ['192.168.105.20', '192.168.105.21'],
    vm: (name, mac, ip) => ({ name, mac, ip }),
    request: ({ network }, mac) => network.requestLease(mac),
  },
  {
    name: 'IPv6',
    addresses: ['fd00:105::20', 'fd00:105::21'],
    vm: (name, mac, ipv6) => ({ name, mac, ipv6 }),
    request: ({ network }, mac) => network.requestLease6(mac),
  },
];

/** Waits until dnsmasq's DNS has exactly this address for the name. */
function dnsHas(stack: RunningStack, name: string, address: string): Promise<number> {
  return eventually(`${name} is ${address}`, async () => {
    const found = await stack.network.lookUp(`${name}.pvmlab.local`);
    return found.length === 1 && found[0] === address;
  });
}

/** Not by a look into the lease file: dnsmasq empties it before it writes it again. */
function released(stack: RunningStack, address: string): Promise<number> {
  const line = new RegExp(` lease released .*\\bip=${address} `);
  return eventually(`the lease of ${address} is released`, () => line.test(stack.watcherLog()));
}

for (const { name, addresses, vm, request } of families) {
  const [first, second] = addresses;

  test(`${name}: a VM made again with another MAC gets the address of its predecessor`, { skip }, async () => {
    await using stack = await startStack();
    await saveVm(stack.vmsDir, vm('web1', mac1, first));
    await dnsHas(stack, 'web1', first);
    assert.equal(await request(stack, mac1), first);

    await rm(join(stack.vmsDir, 'web1.json'));
    await saveVm(stack.vmsDir, vm('web1', mac3, first));
    await released(stack, first);

    assert.equal(await request(stack, mac3), first);
    await dnsHas(stack, 'web1', first);
  });

  test(`${name}: a changed address is what the next request gets, and what DNS says`, { skip }, async () => {
    await using stack = await startStack();
    await saveVm(stack.vmsDir, vm('web1', mac1, first));
    await dnsHas(stack, 'web1', first);
    assert.equal(await request(stack, mac1), first);

    await saveVm(stack.vmsDir, vm('web1', mac1, second));
    await released(stack, first);

    assert.equal(await request(stack, mac1), second);
    await dnsHas(stack, 'web1', second);
  });

  test(`${name}: two VMs that swap their addresses get what the files say`, { skip }, async () => {
    await using stack = await startStack();
    await saveVm(stack.vmsDir, vm('web1', mac1, first));
    await saveVm(stack.vmsDir, vm('web2', mac2, second));
    await dnsHas(stack, 'web2', second);
    assert.deepEqual([await request(stack, mac1), await request(stack, mac2)], [first, second]);

    await saveVm(stack.vmsDir, vm('web1', mac1, second));
    await saveVm(stack.vmsDir, vm('web2', mac2, first));
    await released(stack, first);
    await released(stack, second);

    assert.deepEqual([await request(stack, mac1), await request(stack, mac2)], [second, first]);
    await dnsHas(stack, 'web1', second);
    await dnsHas(stack, 'web2', first);
  });

  test(`${name}: a lease of a guest that was never defined is left alone`, { skip }, async () => {
    await using stack = await startStack();
    const address = await request(stack, mac3);
    assert.notEqual(address, undefined);

    await saveVm(stack.vmsDir, vm('web1', mac1, first));
    await dnsHas(stack, 'web1', first);
    await rm(join(stack.vmsDir, 'web1.json'));
    await eventually('web1 is gone', async () => (await stack.network.lookUp('web1.pvmlab.local')).length === 0);

    assert.ok((await readFile(stack.leasesFile, 'utf8')).includes(` ${address} `));
  });
}

test('the guest after a thousand others gets an address too', { skip }, async () => {
  await using stack = await startStack();
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  const others = Array.from({ length: 1000 }, (_, n) => {
    const [high, low] = [n >> 8, n & 0xff];
    const pair = (byte: number) => byte.toString(16).padStart(2, '0');
    return `${expiry} 52:54:00:cc:${pair(high)}:${pair(low)} 10.9.${high}.${low} * *\n`;
  });
  await stack.stopDnsmasq();
  await writeFile(stack.leasesFile, others.join(''));
  await stack.startDnsmasq();

  assert.notEqual(await stack.network.requestLease(mac1), undefined);
});
