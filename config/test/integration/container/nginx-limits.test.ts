import assert from 'node:assert/strict';
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after, before, test } from 'node:test';

import { needs } from '../../support/requirements.ts';
import type { RunningNginx } from './support/running-nginx.ts';
import { nginxPrograms, runNginx } from './support/running-nginx.ts';

const { skip } = needs(...nginxPrograms);
const [server, guest, otherGuest, stranger, admin] = ['10.77.0.1', '10.77.0.50', '10.77.0.51', '10.9.0.5', '10.1.0.5'];
/** The default of nginx's client_header_timeout. */
const usualHeaderMs = 60_000;
const largeBytes = 64 * 2 ** 20;
let nginx: RunningNginx;

before(async () => {
  if (skip !== false) return;
  nginx = await runNginx({
    address: server,
    prefixLength: 24,
    clients: [`${guest}/24`, `${otherGuest}/24`, `${stranger}/24`, `${admin}/24`],
    // The second is wider than the private network: it makes no guest an admin.
    adminFrom: [
      { address: '10.1.0.9', prefixLength: 16 },
      { address: '10.64.0.0', prefixLength: 10 },
      { address: '10.64.0.0', prefixLength: 10 },
    ],
    connections: 4096,
  });
  const large = join(nginx.directory, 'www/images/large');
  await writeFile(large, '');
  await truncate(large, largeBytes);
});

after(async () => {
  if (skip === false) await nginx.stop();
});

const askFrom = (address: string, path: string): Promise<string> => nginx.ask(path, '--interface', address);

/** Connections of one client that are held open. */
interface Held {
  /** How many answers begin in which way. */
  answers: Record<string, number>;
  /** Settles when the server has closed them all. */
  closed: Promise<unknown>;
  release(): Promise<void>;
}

async function hold(client: string, count: number, bytes: string, ...words: string[]): Promise<Held> {
  const script = join(import.meta.dirname, 'support/connections.mjs');
  const [program, ...args] = [
    ...nginx.inside,
    process.execPath,
    script,
    server,
    client,
    String(count),
    bytes,
    ...words,
  ];
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  return {
    answers: JSON.parse(first) as Record<string, number>,
    closed: once(lines, 'line'),
    async release() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

test('only the private network and ADMIN_FROM are answered, and others are told which', { skip }, async () => {
  for (const path of ['/api/vms', '/boot/boot.ipxe', '/images/large', '/ipxe/why?mac=52:54:00:00:00:01']) {
    for (const address of [guest, admin, server]) {
      assert.match(
        await nginx.ask(path, '--interface', address, '--head'),
        /^HTTP\/1\.1 (200|404) /,
        `${path} ${address}`,
      );
    }
    const refused = await askFrom(stranger, path);
    assert.match(refused, /^HTTP\/1\.1 403 [^]*^Content-Type: text\/plain\r$/m);
    assert.match(
      refused,
      /^answer 10\.9\.0\.5: this server is for 10\.77\.0\.0\/24, 10\.1\.0\.0\/16, 10\.64\.0\.0\/10; .* ADMIN_FROM /m,
    );
  }
});

test('a client cannot name another address than its own', { skip }, async () => {
  const headers = ['X-Real-IP', 'X-Forwarded-For', 'Forwarded'].flatMap((name) => ['-H', `${name}: ${admin}`]);

  assert.match(await nginx.ask('/api/vms', '--interface', stranger, ...headers), /^HTTP\/1\.1 403 /);
});

test('thousands of requests that never end do not keep others out, and are closed', { skip }, async () => {
  const startedAt = performance.now();
  const held = await hold(guest, 2100, 'GET /images/large HTTP/1.1\\r\\nHost: a\\r\\nX-Slow: ');
  try {
    assert.deepEqual(held.answers, { open: 2100 });
    assert.match(await askFrom(otherGuest, '/healthz'), /^HTTP\/1\.1 200 /);
    await held.closed;
    assert.ok(performance.now() - startedAt < usualHeaderMs, 'they are closed sooner than nginx does by itself');
  } finally {
    await held.release();
  }
});

test('a client that reads nothing of its many answers gets no more of them, and others do', { skip }, async () => {
  const held = await hold(guest, 100, 'GET /images/large HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n', 'wait');
  try {
    assert.deepEqual(held.answers, { 'HTTP/1.1 200 OK': 64, 'HTTP/1.1 429 Too Many Requests': 36 });
    assert.match(await nginx.ask('/images/large', '--interface', otherGuest, '--head'), /^HTTP\/1\.1 200 /);
  } finally {
    await held.release();
  }
});

test('an admin may have any number of connections', { skip }, async () => {
  const held = await hold(admin, 100, 'GET /images/large HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n', 'wait');
  try {
    assert.deepEqual(held.answers, { 'HTTP/1.1 200 OK': 100 });
  } finally {
    await held.release();
  }
});

test('reports that never end do not keep others out, and are closed', { skip }, async () => {
  const head = 'POST /status/52:54:00:00:00:01 HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 60000\\r\\n\\r\\n{';
  const startedAt = performance.now();
  const held = await hold(guest, 60, head, 'feed');
  try {
    assert.match(await askFrom(otherGuest, '/healthz'), /^HTTP\/1\.1 200 /);
    await held.closed;
    assert.ok(performance.now() - startedAt < usualHeaderMs, 'they are closed though a byte comes each second');
  } finally {
    await held.release();
  }
});

test('its configuration is taken without a warning', { skip }, async () => {
  assert.doesNotMatch(await readFile(join(nginx.directory, 'error.log'), 'utf8'), /\[warn\]/);
});
