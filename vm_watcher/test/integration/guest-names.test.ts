import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { CommandError } from '@pxeboot/config/host/run';

import { serverAddress } from '../support/guest-network.ts';
import { networkTest } from '../support/guest-network.ts';
import type { RunningStack } from '../support/running-stack.ts';
import { eventually, saveVm, startStack } from '../support/running-stack.ts';

const { skip } = networkTest();
const stranger = '52:54:00:aa:bb:66';
const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20', ipv6: 'fd00:105::20' };
/** Defined, and not yet seen: only its lease will give it an address. */
const web2 = { name: 'web2', mac: '52:54:00:aa:bb:02' };
const wanted = ['wpad', 'localhost', 'provisioner', 'web2'];

interface Way {
  how: string;
  request(stack: RunningStack, mac: string, name: string): Promise<string | undefined>;
}

/** How a guest may say its name: RFC 2132, 3.14; RFC 4702; RFC 4704. */
const ways: Way[] = [
  {
    how: 'option 12',
    request: ({ network }, mac, name) => network.requestLease(mac, ['-x', `hostname:${name}`]),
  },
  {
    how: 'option 81',
    request: ({ network }, mac, name) => network.requestLease(mac, ['-F', name]),
  },
  {
    how: 'option 81 with the domain',
    request: ({ network }, mac, name) => network.requestLease(mac, ['-F', `${name}.pvmlab.local`]),
  },
  {
    how: 'option 39 of DHCPv6',
    request: ({ network }, mac, name) =>
      network.requestLease6(mac, `send fqdn.fqdn "${name}.pvmlab.local.";\nsend fqdn.server-update on;\n`),
  },
];

async function addressesOf({ network }: RunningStack, name: string): Promise<string[]> {
  return [...(await network.lookUp(name)), ...(await network.lookUp(`${name}.pvmlab.local`))];
}

async function startWithDefinitions(): Promise<RunningStack> {
  const stack = await startStack();
  for (const vm of [web1, web2]) await saveVm(stack.vmsDir, vm);
  await eventually('dnsmasq has both', async () => {
    return (await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8')).split('\n').length === 3;
  });
  await eventually('web1 is known', async () => (await addressesOf(stack, 'web1')).length > 0);
  return stack;
}

for (const { how, request } of ways) {
  test(`a guest that is not defined gets an address and no name by ${how}`, { skip }, async () => {
    await using stack = await startWithDefinitions();

    for (const name of wanted) {
      assert.notEqual(await request(stack, stranger, name), undefined, name);

      assert.deepEqual(await addressesOf(stack, name), [], name);
    }
  });

  test(`a VM has the name of its definition, whatever it says by ${how}`, { skip }, async () => {
    await using stack = await startWithDefinitions();

    for (const name of ['wpad', 'web2']) {
      assert.ok([web1.ip, web1.ipv6].includes((await request(stack, web1.mac, name)) ?? ''), name);

      assert.deepEqual(await addressesOf(stack, name), [], name);
    }
    const address = await request(stack, web2.mac, 'wpad');
    assert.deepEqual(await addressesOf(stack, 'web2'), [address, address]);
    assert.deepEqual(await addressesOf(stack, 'wpad'), []);
    assert.deepEqual(await addressesOf(stack, 'web1'), [web1.ip, web1.ipv6, web1.ip, web1.ipv6]);
  });
}

test('a VM whose reserved address is of another network gets no other name either', { skip }, async () => {
  await using stack = await startWithDefinitions();
  const elsewhere = { name: 'web3', mac: '52:54:00:aa:bb:03', ip: '10.9.9.9' };
  await saveVm(stack.vmsDir, elsewhere);
  await eventually('web3 is known', async () => (await addressesOf(stack, 'web3')).length > 0);

  assert.notEqual(await stack.network.requestLease(elsewhere.mac, ['-x', 'hostname:wpad']), undefined);

  assert.deepEqual(await addressesOf(stack, 'wpad'), []);
});

test(
  'names that pvmlab takes: the guest name comes from the lease or the file, the written one is in DNS too',
  { skip },
  async () => {
    await using stack = await startStack();
    const reserved = { name: 'my_vm', mac: '52:54:00:aa:bb:11', ip: '192.168.105.31' };
    const dotted = { name: 'node.k8s', mac: '52:54:00:aa:bb:12', ip: '192.168.105.32' };
    const dynamic = { name: 'node_2.k8s', mac: '52:54:00:aa:bb:13' };
    const taken = { name: 'my.vm', mac: '52:54:00:aa:bb:14' };
    const real = { name: 'my-vm', mac: '52:54:00:aa:bb:15', ip: '192.168.105.35' };
    for (const vm of [reserved, dotted, dynamic]) await saveVm(stack.vmsDir, vm);
    await eventually('all are known', async () => {
      return (await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8')).split('\n').length === 4;
    });

    await eventually('my_vm is known', async () => (await addressesOf(stack, 'my_vm')).length > 0);
    assert.deepEqual(await addressesOf(stack, 'my-vm'), [reserved.ip, reserved.ip]);
    assert.deepEqual(await addressesOf(stack, 'my_vm'), [reserved.ip, reserved.ip]);
    assert.deepEqual(await addressesOf(stack, 'node-k8s'), [dotted.ip, dotted.ip]);
    assert.deepEqual(await stack.network.lookUp('node.k8s.pvmlab.local'), [dotted.ip]);
    const address = await stack.network.requestLease(dynamic.mac, ['-x', 'hostname:node_2']);
    assert.deepEqual(await addressesOf(stack, 'node-2-k8s'), [address, address]);
    for (const vm of [taken, real]) await saveVm(stack.vmsDir, vm);
    await eventually('my-vm is the one that is called so', async () => {
      return (await addressesOf(stack, 'my-vm')).every((found) => found === real.ip);
    });
    const other = await stack.network.requestLease(taken.mac, ['-x', 'hostname:my-vm']);
    assert.notEqual(other, undefined);
    assert.deepEqual(await addressesOf(stack, 'my-vm'), [real.ip, real.ip]);
    assert.deepEqual(await addressesOf(stack, 'vm-525400aabb14'), [other, other]);
    assert.doesNotMatch(stack.dnsmasqLog(), /bad (?:DHCP host )?name|duplicate/);
  },
);

test('nothing that a guest sends ends a line of the log or acts on a terminal', { skip }, async () => {
  await using stack = await startStack();
  const hostile = Buffer.from('a\n2026-01-01T00:00:00.000Z warn forged \x1b[2J\x9b\xc2\x9b\xe2\x80\xae', 'latin1');
  const hex = hostile.toString('hex');
  const options = [12, 15, 56, 60, 61, 77, 81, 82].map((code) => `0x${code.toString(16)}:${hex}`);

  const address = await stack.network.requestLease(
    stranger,
    options.flatMap((option) => ['-x', option]),
  );

  assert.notEqual(address, undefined);
  await stack.network.runAsGuest('ip', ['address', 'add', `${address ?? ''}/24`, 'dev', 'client']);
  const get = ['tftp', '-g', '-l', '/dev/null', '-r', hostile.toString('latin1'), serverAddress];
  await assert.rejects(stack.network.runAsGuest('busybox', get), CommandError);
  await eventually('it is logged', () => stack.dnsmasqLog().includes(' not found for '));
  for (const line of stack.dnsmasqLog().trimEnd().split('\n')) {
    assert.match(line, /^dnsmasq(?:-\w+)?\[\d+\]: [ -~]*$/);
  }
});
