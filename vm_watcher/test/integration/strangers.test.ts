import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { networkTest } from '../support/guest-network.ts';
import type { RunningStack, WrittenVm } from '../support/running-stack.ts';
import { eventually, saveVm, startStack } from '../support/running-stack.ts';

const { skip } = networkTest();
const [mac1, mac2] = ['52:54:00:aa:bb:01', '52:54:00:aa:bb:02'];
const strangers = '02:00:5e:00:00:01';

/** Saves a definition, and waits until dnsmasq has read it. */
async function define(stack: RunningStack, vm: WrittenVm): Promise<void> {
  const readings = () => stack.dnsmasqLog().match(/read .*\/dhcp-hosts/g)?.length ?? 0;
  const before = readings();
  await saveVm(stack.vmsDir, vm);
  await eventually('dnsmasq has read it', () => readings() > before);
}

/** What these words end with: address and seconds of the lease, in the order of the answers. */
async function answers(stack: RunningStack, ...words: string[]): Promise<[string, number][]> {
  const lines = await stack.network.speakDhcp(...words);
  return lines.map(([, address = '', seconds]) => [address, Number(seconds)]);
}

async function take(stack: RunningStack, mac: string): Promise<[string, number]> {
  const [answer] = await answers(stack, 'take', mac, '1');
  assert.ok(answer !== undefined);
  return answer;
}

const last = (address: string): number => Number(address.split('.').at(-1));

for (const [way, ...words] of [
  ['that ask', 'take', strangers, '150'],
  ['that name the address they want', 'claim', strangers, '100', '192.168.105.100'],
] as const) {
  test(`strangers with many MACs ${way} leave addresses to VMs that are defined`, { skip }, async () => {
    await using stack = await startStack();
    const given = (await answers(stack, ...words)).filter(([address]) => address.startsWith('192.'));

    assert.equal(given.length, 25, JSON.stringify(given));
    assert.ok(given.every(([address, seconds]) => last(address) >= 175 && last(address) <= 199 && seconds === 3600));
    assert.deepEqual(await take(stack, mac2), ['none', 0], 'nothing is left for one more stranger');

    await define(stack, { name: 'web1', mac: mac1 });
    const [address, seconds] = await take(stack, mac1);
    assert.ok(last(address) >= 100 && last(address) < 175, address);
    assert.equal(seconds, 3600);
  });
}

test('when their own part is full, defined VMs get what strangers have left of the other', { skip }, async () => {
  await using stack = await startStack({ range: { start: '192.168.105.100', end: '192.168.105.107' } });
  const macs = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `52:54:00:aa:bb:0${n}`);
  for (const [n, mac] of macs.entries()) await define(stack, { name: `web${n}`, mac });
  await take(stack, strangers);

  const given: string[] = [];
  for (const mac of macs) given.push((await take(stack, mac))[0]);

  assert.deepEqual(
    given
      .slice(0, 6)
      .map(last)
      .toSorted((a, b) => a - b),
    [100, 101, 102, 103, 104, 105],
  );
  assert.ok(last(given[6] ?? '') > 105, given[6]);
  assert.equal(given[7], 'none');
});

test('a range of one address is for a defined VM', { skip }, async () => {
  await using stack = await startStack({ range: { start: '192.168.105.100', end: '192.168.105.100' } });
  assert.deepEqual(await take(stack, strangers), ['none', 0]);

  await define(stack, { name: 'web1', mac: mac1 });

  assert.deepEqual(await take(stack, mac1), ['192.168.105.100', 3600]);
});

test('a stranger that becomes defined keeps its address', { skip }, async () => {
  await using stack = await startStack();
  const [address, seconds] = await take(stack, mac1);
  assert.equal(seconds, 3600);

  await define(stack, { name: 'web1', mac: mac1 });

  assert.deepEqual(await answers(stack, 'renew', mac1, address), [[address, 3600]]);
  assert.deepEqual(await take(stack, mac1), [address, 3600], 'and when it is started again');
});

test('a VM whose file is gone for a moment, as when an editor saves it, keeps its address', { skip }, async () => {
  await using stack = await startStack();
  await define(stack, { name: 'web1', mac: mac1 });
  const [address] = await take(stack, mac1);
  await rm(join(stack.vmsDir, 'web1.json'));
  await eventually('its lease is released', () => stack.watcherLog().includes(`lease released mac=${mac1}`));

  await define(stack, { name: 'web1', mac: mac1 });

  assert.deepEqual(await answers(stack, 'renew', mac1, address), [[address, 3600]]);
});

test('a running VM whose definition is removed is told to take an address for strangers', { skip }, async () => {
  await using stack = await startStack();
  await define(stack, { name: 'web1', mac: mac1 });
  const [address] = await take(stack, mac1);
  await rm(join(stack.vmsDir, 'web1.json'));
  await eventually('its lease is released', () => stack.watcherLog().includes(`lease released mac=${mac1}`));

  assert.deepEqual(await answers(stack, 'renew', mac1, address), [['refused', 0]]);

  const [next, seconds] = await take(stack, mac1);
  assert.ok(last(next) >= 175, next);
  assert.equal(seconds, 3600);
});

test('a reserved address has a lease of an hour, in the range or outside of it', { skip }, async () => {
  for (const ip of ['192.168.105.11', '192.168.105.110', '192.168.105.190']) {
    await using stack = await startStack();
    await define(stack, { name: 'web1', mac: mac1, ip });

    assert.deepEqual(await take(stack, mac1), [ip, 3600]);
  }
});

test('IPv6: a stranger gets an address of the last quarter, a defined VM another, for an hour', { skip }, async () => {
  await using stack = await startStack();
  await define(stack, { name: 'web1', mac: mac1 });
  const addresses = await Promise.resolve([
    await stack.network.requestLease6(mac1),
    await stack.network.requestLease6(mac2),
  ]);
  const suffixes = addresses.map((address = '') => Number.parseInt(address.split('::').at(-1) ?? '', 16));

  assert.ok((suffixes[0] ?? 0) >= 0x64 && (suffixes[0] ?? 0) <= 0xaf, addresses[0]);
  assert.ok((suffixes[1] ?? 0) >= 0xb0 && (suffixes[1] ?? 0) <= 0xc8, addresses[1]);
  const leases = (await readFile(stack.leasesFile, 'utf8')).split('\n');
  const secondsOf = (address = '') =>
    Number(leases.find((line) => line.includes(` ${address} `))?.split(' ')[0]) - Date.now() / 1000;
  for (const address of addresses) assert.ok(secondsOf(address) > 3500, address);
});
