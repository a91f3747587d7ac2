import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { describeError } from '@pxeboot/config/kit/errors';

import { createFactsReader, readAddressFacts } from '../../src/access/address-facts.ts';
import type { AddressFacts } from '../../src/access/decide/whose-address.ts';
import { readOrMakeStatusKey } from '../../src/access/status-key.ts';
import type { RunningHandler } from '../support/running-handler.ts';
import { saveDefinition, saveImage, startHandler } from '../support/running-handler.ts';

const [web1, web2] = ['52:54:00:aa:bb:01', '52:54:00:aa:bb:02'];
const [own, web1Address, web2Address, stranger] = [
  '192.168.105.1',
  '192.168.105.20',
  '192.168.105.122',
  '192.168.105.150',
];
const facts: AddressFacts = {
  leases: [{ family: 4, mac: web2, ip: web2Address, hostname: 'web2', clientId: undefined }],
  neighbours: [],
  own: [own],
};
const finished = JSON.stringify({ seq: 40, at: '2026-01-02T03:04:05Z', step: 'install', state: 'finished' });

test('a lease that is being written is waited for before anybody is refused', async () => {
  let looks = 0;
  await using handler = await startHandler({
    facts: () => Promise.resolve(++looks < 3 ? { ...facts, leases: [] } : facts),
  });
  await saveDefinition(handler.vmsDir, { name: 'web2', mac: web2, ip: undefined });

  assert.equal((await handler.askFrom(web2Address, '/cloud-init/web2/user-data')).status, 200);
  assert.equal(looks, 3);
});

/** web1 has an address of its own, web2 a lease. */
async function handlerWithTwo(): Promise<RunningHandler> {
  const handler = await startHandler({
    facts: () => Promise.resolve(facts),
    adminFrom: [{ address: '10.0.0.0', prefixLength: 8 }],
  });
  await saveDefinition(handler.vmsDir);
  await saveDefinition(handler.vmsDir, { name: 'web2', mac: web2, ip: undefined });
  await saveImage(handler.imagesDir);
  return handler;
}

const documents = ['/cloud-init/web1/user-data', '/cloud-init/web1/meta-data', `/config/${web1}`];

test('a VM gets its seed and its config, and so do the provisioner and the networks of ADMIN_FROM', async () => {
  await using handler = await handlerWithTwo();

  for (const path of documents) {
    for (const address of [web1Address, own, '10.20.30.40']) {
      assert.equal((await handler.askFrom(address, path)).status, 200, `${path} from ${address}`);
    }
  }
  assert.equal((await handler.askFrom(web2Address, `/config/${web2}`)).status, 200);
});

test('nobody else gets them: the answer names who asks, and the setting', async () => {
  await using handler = await handlerWithTwo();

  for (const path of documents) {
    for (const address of [web2Address, stranger, '11.0.0.1', '']) {
      const { status, body } = await handler.askFrom(address, path);
      assert.equal(status, 403, `${path} from ${address}`);
      assert.match(body, new RegExp(`"web1": the request comes from ${address} .*ADMIN_FROM`));
      assert.doesNotMatch(body, /ssh-ed25519|status_token/);
    }
  }
});

test("another VM's report does not count", async () => {
  await using handler = await handlerWithTwo();
  const post = { method: 'POST', body: finished };

  for (const address of [web2Address, stranger, '10.20.30.40']) {
    const refused = await handler.askFrom(address, `/status/${web1}`, post);
    assert.equal(refused.status, 403, address);
    assert.match(refused.body, /^take a report of "web1": the request comes from /);
  }
  const shown = JSON.parse((await handler.ask('/api/vms/web1')).body) as { events: unknown[] };
  assert.deepEqual(shown.events, []);
});

test("a report counts from the VM's address, and from anywhere with the token of its config", async () => {
  await using handler = await handlerWithTwo();
  const token = await tokenOf(handler, web1, web1Address);
  const withToken = { method: 'POST', body: finished, headers: { authorization: `Bearer ${token}` } };

  assert.equal((await handler.askFrom(web1Address, `/status/${web1}`, { method: 'POST', body: finished })).status, 204);
  assert.equal((await handler.askFrom(stranger, `/status/${web1}`, withToken)).status, 204);
  // It is not spent, and a second config does not end it.
  await tokenOf(handler, web1, web1Address);
  assert.equal((await handler.askFrom(stranger, `/status/${web1}`, withToken)).status, 204);
});

test('a token of another VM, a changed and a malformed one prove nothing', async () => {
  await using handler = await handlerWithTwo();
  const token = await tokenOf(handler, web1, web1Address);
  const ofWeb2 = await tokenOf(handler, web2, web2Address);
  const lastChanged = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
  const otherBoot = token.replace(/^[^.]*/, ofWeb2.split('.')[0] ?? '');

  const wrong = [
    '',
    'x',
    `Bearer ${ofWeb2}`,
    `Bearer ${lastChanged}`,
    `Bearer ${otherBoot}`,
    `Bearer ${token}0`,
    `Basic ${token}`,
  ];
  for (const authorization of [...wrong, `Bearer ${token.toUpperCase()}`, 'Bearer .', 'Bearer']) {
    const post = { method: 'POST', body: finished, headers: { authorization } };
    assert.equal((await handler.askFrom(stranger, `/status/${web1}`, post)).status, 403, authorization);
  }
});

test('neither the API nor a plan tells the token', async () => {
  await using handler = await handlerWithTwo();
  await tokenOf(handler, web1, web1Address);

  for (const path of ['/api/vms', '/api/vms/web1', '/api/vms/web1/plan', `/ipxe?mac=${web1}`]) {
    const { status, body } = await handler.askFrom(stranger, path);
    assert.notEqual(status, 403, path);
    assert.doesNotMatch(body, /[0-9a-f]{16}\.[0-9a-f]{64}/, path);
  }
  assert.doesNotMatch(handler.logLines.join('\n'), /[0-9a-f]{16}\.[0-9a-f]{64}/);
});

test('a VM that reports without end is slowed down, in few lines of the log, and others are not', async () => {
  await using handler = await handlerWithTwo();
  const statuses = new Map<number, number>();
  for (let seq = 1; seq <= 1000; seq++) {
    const body = JSON.stringify({ seq, at: '2026-01-02T03:04:05Z', step: 'unpack', state: 'progress', bytes: seq });
    const { status } = await handler.askFrom(web1Address, `/status/${web1}`, { method: 'POST', body });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }

  assert.deepEqual([...statuses.keys()].sort(), [204, 429]);
  assert.ok((statuses.get(204) ?? 0) >= 120);
  const refusals = handler.logLines.filter((line) => line.includes('status=429'));
  assert.ok(refusals.length >= 1 && refusals.length <= 1 + statuses.size, refusals.join('\n'));
  assert.match(refusals[0] ?? '', /take a report of \\"web1\\": it has sent more than 120 at once/);
  const fromWeb2 = await handler.askFrom(web2Address, `/status/${web2}`, { method: 'POST', body: finished });
  assert.equal(fromWeb2.status, 204);
});

async function tokenOf(handler: RunningHandler, mac: string, address: string): Promise<string> {
  const { body } = await handler.askFrom(address, `/config/${mac}`);
  const { status_token: token } = JSON.parse(body) as { status_token?: string };
  assert.ok(token !== undefined, body);
  return token;
}

test("the facts are dnsmasq's leases, the neighbours of the private interface, and this machine's addresses", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'access-'));
  const [leasesFile, neighboursFile] = [join(directory, 'leases'), join(directory, 'arp')];
  try {
    const absent = await readAddressFacts({
      leasesFile,
      neighboursFile,
      privateInterface: 'pxe0',
      provisionerIp: '127.0.0.1',
    });
    assert.deepEqual([absent.leases, absent.neighbours], [[], []]);
    assert.ok(absent.own.includes('127.0.0.1'));

    assert.deepEqual(absent.privateNetwork, { address: '127.0.0.1', prefixLength: 8 });

    const later = Math.ceil(Date.now() / 1000) + 3600;
    const expired = `1000 ${web1} 192.168.105.99 web1 *`;
    await writeFile(leasesFile, `${later} ${web2} ${web2Address} web2 *\n${expired}\n`);
    const entry = (ip: string, device: string): string => `${ip} 0x1 0x2 ${web1} * ${device}`;
    await writeFile(
      neighboursFile,
      ['IP address …', entry('192.168.105.9', 'pxe0'), entry('10.0.0.9', 'eth0'), ''].join('\n'),
    );
    const found = await readAddressFacts({
      leasesFile,
      neighboursFile,
      privateInterface: 'pxe0',
      provisionerIp: '127.0.0.1',
    });
    assert.deepEqual(
      found.leases.map(({ mac, ip }) => ({ mac, ip })),
      [{ mac: web2, ip: web2Address }],
    );
    assert.deepEqual(found.neighbours, [{ ip: '192.168.105.9', mac: web1, interface: 'pxe0' }]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('one reading of the leases is for all who ask at the same time, and the next look is a new one', async () => {
  let now = 1000;
  const sources = { leasesFile: '/nowhere', neighboursFile: '/nowhere', privateInterface: 'pxe0', provisionerIp: '' };
  const read = createFactsReader(sources, () => now);

  const first = read();
  assert.equal(read(), first);
  now += 50;
  assert.notEqual(read(), first);
  assert.deepEqual((await first).leases, []);
});

test('the key outlives a restart, is for its owner alone, and a damaged one is made again', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'access-'));
  const file = join(directory, 'status.key');
  try {
    const errors: unknown[] = [];
    const keep = (error: unknown) => void errors.push(error);
    const made = await readOrMakeStatusKey(file, keep);
    assert.equal(made.length, 32);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readOrMakeStatusKey(file, keep), made);

    await writeFile(file, 'short');
    const again = await readOrMakeStatusKey(file, keep);
    assert.notDeepEqual(again, made);
    assert.deepEqual(await readFile(file), again);
    assert.deepEqual(errors, []);

    const alone = await readOrMakeStatusKey(join(directory, 'missing/status.key'), keep);
    assert.equal(alone.length, 32);
    assert.match(describeError(errors[0]), /^write the key of the status tokens "[^"]*missing\/status\.key"/);
  } finally {
    await rm(directory, { recursive: true });
  }
});
