import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import type { RunResult } from '@pxeboot/config/host/run';
import { run } from '@pxeboot/config/host/run';

import type { LabSettings } from '../../../src/decide/settings.ts';
import { bridge } from '../../../src/decide/settings.ts';
import { createNamespace, inNamespace, removeNamespace, runInNamespace } from '../../../src/namespace.ts';

/** The lab's namespace with its bridge; nothing leads out of it. The lab itself goes with `labDown`. */
export interface TestNetwork {
  run(file: string, args: readonly string[], timeoutMs?: number): Promise<RunResult>;
  /** Starts a program that stays, such as one that holds a port. */
  startInBackground(file: string, args: readonly string[]): Promise<BackgroundProgram>;
  /** A namespace of its own with one interface, eth0, on the bridge: a machine that is switched on. */
  addClient(name: string, mac: string): Promise<TestClient>;
  dispose(): Promise<void>;
}

export interface BackgroundProgram {
  stop(): Promise<void>;
}

export interface TestClient {
  run(file: string, args: readonly string[], timeoutMs?: number): Promise<RunResult>;
}

export async function createTestNetwork(lab: LabSettings): Promise<TestNetwork> {
  const clients: LabSettings[] = [];
  await createNamespace(lab);
  return {
    run: (file, args, timeoutMs = 30_000) => runInNamespace(lab, file, args, timeoutMs),
    startInBackground: (file, args) => startInBackground(lab, file, args),
    async addClient(name, mac) {
      const client = { ...lab, name: `${lab.name}-${name}` };
      await run('ip', ['netns', 'add', client.name], { timeoutMs: 10_000 });
      clients.push(client);
      const ends = ['peer', 'name', 'eth0', 'address', mac, 'netns', client.name];
      await runInNamespace(lab, 'ip', ['link', 'add', `p-${name}`, 'type', 'veth', ...ends]);
      await runInNamespace(lab, 'ip', ['link', 'set', `p-${name}`, 'master', bridge, 'up']);
      await runInNamespace(client, 'ip', ['link', 'set', 'eth0', 'up']);
      return { run: (file, args, timeoutMs = 30_000) => runInNamespace(client, file, args, timeoutMs) };
    },
    async dispose() {
      for (const client of clients) await removeNamespace(client);
    },
  };
}

async function startInBackground(lab: LabSettings, file: string, args: readonly string[]): Promise<BackgroundProgram> {
  const [program, words] = inNamespace(lab, file, args);
  const child = spawn(program, words, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  // Time to bind its port; one that cannot ends at once.
  await sleep(300);
  if (child.exitCode !== null) throw new Error(`${file} ${args.join(' ')} ended with ${child.exitCode}`);
  return {
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
