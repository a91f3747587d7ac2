import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { networkTest, serverAddress } from '../support/guest-network.ts';
import type { RunningStack, WrittenVm } from '../support/running-stack.ts';
import { eventually, saveVm, startStack } from '../support/running-stack.ts';

const { skip } = networkTest();
const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };
const web2 = { name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.30' };

/** Saves a definition, and waits until dnsmasq has read it. */
async function define(stack: RunningStack, vm: WrittenVm): Promise<void> {
  const readings = () => stack.dnsmasqLog().match(/read .*\/dhcp-hosts/g)?.length ?? 0;
  const before = readings();
  await saveVm(stack.vmsDir, vm);
  await eventually('dnsmasq has read it', () => readings() > before);
}

async function take(stack: RunningStack, mac: string): Promise<string | undefined> {
  const [answer] = await stack.network.speakDhcp('take', mac, '1');
  return answer?.[1];
}

/** Somebody says in the name of web1 that another machine has its address, and web1 is started again. */
async function declineAndTake(stack: RunningStack): Promise<string> {
  await stack.network.speakDhcp('decline', web1.mac, web1.ip, serverAddress);
  await eventually('dnsmasq believes it', () =>
    stack.dnsmasqLog().includes(`disabling DHCP static address ${web1.ip}`),
  );
  const address = await take(stack, web1.mac);
  assert.match(address ?? '', /^192\.168\.105\.1\d\d$/);
  return address ?? '';
}

/** dnsmasq counts whole seconds, so a lease of the first two may be older than the definition. */
async function laterThanDefinition(): Promise<void> {
  const from = Date.now();
  await eventually('two seconds are over', () => Date.now() > from + 2000);
}

/** By then every lease has been looked at after a change. */
async function changeOfWeb2(stack: RunningStack): Promise<void> {
  assert.equal(await take(stack, web2.mac), web2.ip);
  await saveVm(stack.vmsDir, { ...web2, ip: '192.168.105.31' });
  await eventually("web2's lease is released", () =>
    stack.watcherLog().includes(`released mac=${web2.mac} ip=${web2.ip}`),
  );
}

async function leaseLine(stack: RunningStack, address: string): Promise<boolean> {
  return (await readFile(stack.leasesFile, 'utf8')).includes(` ${web1.mac} ${address} `);
}

test('the lease that a VM got since its address was declined is left alone', { skip }, async () => {
  await using stack = await startStack();
  for (const vm of [web1, web2]) await define(stack, vm);
  assert.equal(await take(stack, web1.mac), web1.ip);
  await laterThanDefinition();
  const address = await declineAndTake(stack);

  await changeOfWeb2(stack);

  assert.doesNotMatch(stack.watcherLog(), new RegExp(`released mac=${web1.mac}`));
  await eventually('it is still in the list', () => leaseLine(stack, address));
});

test('so it is when vm_watcher is started again', { skip }, async () => {
  await using stack = await startStack();
  for (const vm of [web1, web2]) await define(stack, vm);
  await laterThanDefinition();
  const address = await declineAndTake(stack);
  await stack.killWatcher();
  await stack.startWatcher();

  await changeOfWeb2(stack);

  assert.doesNotMatch(stack.watcherLog(), new RegExp(`released mac=${web1.mac}`));
  await eventually('it is still in the list', () => leaseLine(stack, address));
});

test('another address in the definition ends that lease, and the VM gets the new one', { skip }, async () => {
  await using stack = await startStack();
  await define(stack, web1);
  const address = await declineAndTake(stack);

  await saveVm(stack.vmsDir, { ...web1, ip: '192.168.105.21' });

  await eventually('it is released', () => stack.watcherLog().includes(`released mac=${web1.mac} ip=${address} `));
  assert.equal(await take(stack, web1.mac), '192.168.105.21');
});

test('so does a definition that reserves the address for another VM', { skip }, async () => {
  await using stack = await startStack();
  await define(stack, web1);
  const address = await declineAndTake(stack);

  await saveVm(stack.vmsDir, { ...web2, ip: address });

  await eventually('it is released', () => stack.watcherLog().includes(`released mac=${web1.mac} ip=${address} `));
  assert.equal(await take(stack, web2.mac), address);
});
