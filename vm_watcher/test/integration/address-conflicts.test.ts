import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { parseAddressConflicts } from '@pxeboot/config/contract/address-conflicts';

import type { Network } from '../support/guest-network.ts';
import { createNetwork, networkTest, serverAddress, serverInterface } from '../support/guest-network.ts';
import { eventually, startStack } from '../support/running-stack.ts';

const { skip } = networkTest();
const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };
const intruder = '02:00:00:00:00:99';
const script = join(import.meta.dirname, '../support/watch-conflicts.ts');

interface Scene extends AsyncDisposable {
  network: Network;
  log(): string;
  /** How often it has looked. */
  looks(): number;
  published(): Promise<unknown>;
  start(): void;
}

/** A server whose kernel believes an answer for 2.25 s at most, and gives an entry up 0.3 s after it is asked. With a delay longer than it
 * believes, which is chosen at random from 0.75 s on, it would never stop asking about a machine that it has spoken with. */
async function prepare(): Promise<Scene> {
  const network = await createNetwork();
  const directory = await mkdtemp(join(tmpdir(), 'conflicts-'));
  const settings = `/proc/sys/net/ipv4/neigh/${serverInterface}`;
  const values = { base_reachable_time_ms: 1500, delay_first_probe_time: 0, retrans_time_ms: 100 };
  const commands = Object.entries(values).map(([name, value]) => `echo ${value} > ${settings}/${name}`);
  await once(network.start('sh', ['-c', commands.join(' && ')]), 'exit');
  let log = '';
  let watch: ReturnType<Network['start']> | undefined;
  return {
    network,
    log: () => log,
    looks: () => log.match(/^looked$/gm)?.length ?? 0,
    async published() {
      const read = parseAddressConflicts(await readFile(join(directory, 'address-conflicts.json'), 'utf8'));
      return read.ok ? read.value : read.faults;
    },
    start() {
      const words = [script, serverInterface, directory, web1.name, web1.mac, web1.ip];
      watch = network.start(process.execPath, words);
      for (const stream of [watch.stdout, watch.stderr])
        stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    },
    async [Symbol.asyncDispose]() {
      if (watch?.kill() === true) await once(watch, 'exit');
      await network[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

/** The guest has web1's address by hand, and has spoken with the server. */
async function takeAddress({ network }: Scene, mac: string): Promise<void> {
  for (const words of [
    ['link', 'set', 'client', 'down'],
    ['link', 'set', 'client', 'address', mac, 'up'],
    ['address', 'replace', `${web1.ip}/24`, 'dev', 'client'],
  ])
    await network.runAsGuest('ip', words);
  await network.runAsGuest('busybox', ['ping', '-c', '1', '-W', '5', serverAddress]);
}

/** Until the kernel only remembers the machine: it asks by itself about one that it has spoken with just now. */
async function untilStale({ network }: Scene): Promise<void> {
  let text = '';
  const isStale = async (): Promise<boolean> => {
    text = '';
    const child = network.start('ip', ['neighbour', 'show', web1.ip]);
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'close');
    return text.includes(` ${intruder} STALE`);
  };
  await eventually('the entry is stale', isStale).catch((error: unknown) => {
    throw new Error(`the kernel's entry is "${text.trim()}"`, { cause: error });
  });
}

const leave = ({ network }: Scene) => network.runAsGuest('ip', ['address', 'flush', 'dev', 'client']);

test('a reserved address that a machine has by hand is said once, and once when it is over', { skip }, async () => {
  await using scene = await prepare();
  await takeAddress(scene, intruder);
  scene.start();
  await eventually('it is said', () => scene.log().includes('address answers with another mac'));
  const owner = { mac: web1.mac, vm: 'web1', by: 'definition' };
  assert.deepEqual(await scene.published(), [{ ip: web1.ip, mac: intruder, owner }]);

  await leave(scene);
  await eventually('it is over', () => scene.log().includes('address no longer answers with another mac'));

  assert.deepEqual(await scene.published(), []);
  const said = scene
    .log()
    .split('\n')
    .filter((line) => line.includes('another mac'));
  const fields = `ip=${web1.ip} vm=web1 mac=${web1.mac} by=definition answers=${intruder}`;
  assert.deepEqual(
    said.map((line) => line.replace(/^\S+ /, '')),
    [
      `warn vm_watcher address answers with another mac ${fields}`,
      `info vm_watcher address no longer answers with another mac ${fields}`,
    ],
  );
});

test("the kernel's memory of a machine that has gone is no conflict", { skip }, async () => {
  await using scene = await prepare();
  await takeAddress(scene, intruder);
  await untilStale(scene);
  await leave(scene);
  scene.start();

  // The entry would be certain after 20.
  await eventually('it has looked often', () => scene.looks() > 35);

  assert.doesNotMatch(scene.log(), /another mac|not compared/);
  assert.deepEqual(await scene.published(), []);
});

test('a VM that has its own address is none', { skip }, async () => {
  await using scene = await prepare();
  await takeAddress(scene, web1.mac);
  scene.start();

  await eventually('it has looked often', () => scene.looks() > 25);

  assert.deepEqual(await scene.published(), []);
});

test('vm_watcher looks for conflicts, and publishes that there is none', { skip }, async () => {
  await using stack = await startStack();
  const file = join(stack.outDir, 'address-conflicts.json');

  await eventually('it is published', async () => (await readFile(file, 'utf8').catch(() => '')) !== '');

  assert.deepEqual(parseAddressConflicts(await readFile(file, 'utf8')), { ok: true, value: [] });
});
