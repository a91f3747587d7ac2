import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';

import type { RunningStack } from './running-stack.ts';
import { eventually } from './running-stack.ts';

const handler = join(import.meta.dirname, '../../../boot_handler');

/** A real boot_handler over the definitions and the published state of a stack. */
export interface HandlerProcess extends AsyncDisposable {
  url: string;
  pid: number;
  ask(path: string): Promise<{ status: number; body: string }>;
}

export async function startHandlerProcess(stack: RunningStack): Promise<HandlerProcess> {
  const port = String(await freePort());
  const files = ['--vms', stack.watchedDir, '--state', join(stack.outDir, 'vms.json')];
  const more = ['--templates', join(handler, 'templates'), '--listen', port];
  const child = spawn(process.execPath, [join(handler, 'src/main.ts'), ...files, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await eventually('boot_handler listens', () => log.includes(' listening '));
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    pid: child.pid ?? 0,
    async ask(path) {
      const response = await fetch(`${url}${path}`);
      return { status: response.status, body: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is no string.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
