import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { RunningStack } from './running-stack.ts';
import { eventually } from './running-stack.ts';

const handler = join(import.meta.dirname, '../../../boot_handler');

/** A real boot_handler over the definitions and the published state of a stack. */
export interface RunningHandler extends AsyncDisposable {
  socketPath: string;
  ask(path: string): Promise<{ status: number | undefined; body: string }>;
}

export async function startHandler(stack: RunningStack): Promise<RunningHandler> {
  const socketPath = join(stack.directory, 'handler.sock');
  const files = ['--vms', stack.watchedDir, '--state', join(stack.outDir, 'vms.json')];
  const more = ['--templates', join(handler, 'templates'), '--listen', socketPath];
  const child = spawn(process.execPath, [join(handler, 'src/main.ts'), ...files, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await eventually('boot_handler listens', () => log.includes(' listening '));

  return {
    socketPath,
    async ask(path) {
      const asked = request({ socketPath, path, headers: { host: '192.168.105.1' } });
      asked.end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      return { status: response.statusCode, body: await text(response) };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
