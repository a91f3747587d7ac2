import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { templatesDir } from '../support/running-handler.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** Only a program that does not end runs into it. */
const hangsMs = 120_000;

interface Started {
  child: ChildProcess;
  /** Standard output and error so far. */
  output(): string;
}

function start(args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [main, '--templates', templatesDir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
}

/** A key next to the socket: the usual one is the container's. */
function listenOn(socket: string): string[] {
  return ['--listen', socket, '--status-key', `${socket}.key`];
}

async function listening({ child, output }: Started): Promise<void> {
  while (!output().includes(' listening ')) {
    assert.equal(child.exitCode, null, output());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function health(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/healthz' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'boot-handler-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('it listens on a Unix socket for its group, replaces a stale one, and SIGTERM ends it with 0 at once', async () => {
  await withDirectory(async (directory) => {
    const socket = join(directory, 'handler.sock');
    const killed = start(listenOn(socket));
    await listening(killed);
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    assert.ok((await stat(socket)).isSocket(), 'the killed process left its socket');

    const second = start(listenOn(socket));
    await listening(second);
    assert.equal(await health(socket), 200);
    assert.equal((await stat(socket)).mode & 0o777, 0o660);
    const startedAt = performance.now();
    second.child.kill('SIGTERM');
    const [code] = (await once(second.child, 'exit')) as [number | null];

    assert.equal(code, 0);
    assert.ok(performance.now() - startedAt < 1000);
  });
});

test('it does not take a socket away from a process that answers, nor remove what is no socket', async () => {
  await withDirectory(async (directory) => {
    const socket = join(directory, 'handler.sock');
    const first = start(listenOn(socket));
    await listening(first);
    const second = start(listenOn(socket));
    const [code] = (await once(second.child, 'exit')) as [number | null];
    assert.equal(code, 1);
    assert.match(second.output(), /another process answers there; stop it first/);
    assert.equal(await health(socket), 200);
    first.child.kill('SIGTERM');
    await once(first.child, 'exit');

    await writeFile(socket, 'precious');
    const third = start(listenOn(socket));
    const [thirdCode] = (await once(third.child, 'exit')) as [number | null];
    assert.equal(thirdCode, 1);
    assert.match(third.output(), /something else lies there; remove it/);
  });
});

test('a broken template or a wrong option ends the start with a reason', async () => {
  await withDirectory(async (directory) => {
    const broken = start(['--templates', directory, ...listenOn(join(directory, 's'))]);
    const [brokenCode] = (await once(broken.child, 'exit')) as [number | null];
    assert.equal(brokenCode, 1);
    assert.match(broken.output(), /cannot start reason="load the template/);

    const wrong = start(['--bogus']);
    const [wrongCode] = (await once(wrong.child, 'exit')) as [number | null];
    assert.equal(wrongCode, 2);
    assert.match(wrong.output(), /unknown option '--bogus'\n\nUsage: boot_handler --help/);
  });
});

test('wrong variables end the start with a line for each', async (context) => {
  await withDirectory(async (directory) => {
    const variables = { PROVISIONER_IP: '192.168.105.300', DHCP_RANGE_END: 'last', VMS_WATCH: '' };

    const { child, output } = start(listenOn(join(directory, 's')), variables);
    context.after(() => child.kill());
    const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(hangsMs) })) as [number | null];

    assert.equal(code, 2, output());
    const lines = output().trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.match(
      lines[0] ?? '',
      /PROVISIONER_IP .*192\.168\.105\.300.* expected an IPv4 address such as 192\.168\.105\.1"$/,
    );
    assert.match(lines[1] ?? '', /DHCP_RANGE_END .*last.* expected an IPv4 address such as 192\.168\.105\.200"$/);
  });
});
