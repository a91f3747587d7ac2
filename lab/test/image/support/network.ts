import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { run } from '@pxeboot/config/run';
import type { RunResult } from '@pxeboot/config/run';

export const provisionerIp = '192.168.77.1';
export const rangeStart = '192.168.77.100';
export const rangeEnd = '192.168.77.200';

/** A network namespace with the bridge pxe0, which carries the provisioner's address; nothing leads out of it. */
export interface TestNetwork {
  /** Path of the namespace, for nsenter(1). */
  path: string;
  run(file: string, args: readonly string[], timeoutMs?: number): Promise<RunResult>;
  /** A namespace of its own with one interface, eth0, on the bridge: a machine that is switched on. */
  addClient(name: string, mac: string): Promise<TestClient>;
  /** Starts a program that stays, such as one that holds a port. */
  startInBackground(file: string, args: readonly string[]): Promise<BackgroundProgram>;
  dispose(): Promise<void>;
}

export interface BackgroundProgram {
  stop(): Promise<void>;
}

export interface TestClient {
  path: string;
  run(file: string, args: readonly string[], timeoutMs?: number): Promise<RunResult>;
}

export async function createTestNetwork(): Promise<TestNetwork> {
  const name = `pxt${process.pid}`;
  const names = [name];
  const path = await addNamespace(name);
  const inside = enter(path);
  await inside('ip', ['link', 'add', 'pxe0', 'type', 'bridge']);
  await inside('ip', ['address', 'add', `${provisionerIp}/24`, 'dev', 'pxe0']);
  await inside('ip', ['link', 'set', 'pxe0', 'up']);

  return {
    path,
    run: inside,
    async addClient(client, mac) {
      const clientName = `${name}-${client}`;
      const clientPath = await addNamespace(clientName);
      names.push(clientName);
      const port = `p-${client}`;
      await inside('ip', [
        'link',
        'add',
        port,
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'address',
        mac,
        'netns',
        clientName,
      ]);
      await inside('ip', ['link', 'set', port, 'master', 'pxe0', 'up']);
      await enter(clientPath)('ip', ['link', 'set', 'eth0', 'up']);
      return { path: clientPath, run: enter(clientPath) };
    },
    startInBackground: (file, args) => startInBackground(path, file, args),
    async dispose() {
      for (const each of names.toReversed()) await run('ip', ['netns', 'delete', each], { timeoutMs: 10_000 });
    },
  };
}

async function startInBackground(path: string, file: string, args: readonly string[]): Promise<BackgroundProgram> {
  const child = spawn('nsenter', [`--net=${path}`, file, ...args], { stdio: 'ignore' });
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

async function addNamespace(name: string): Promise<string> {
  await run('ip', ['netns', 'add', name], { timeoutMs: 10_000 });
  const path = `/run/netns/${name}`;
  await enter(path)('ip', ['link', 'set', 'lo', 'up']);
  return path;
}

// Not `ip netns exec`: it mounts another /sys, which container runtimes do not survive.
function enter(path: string): TestClient['run'] {
  return (file, args, timeoutMs = 30_000) => run('nsenter', [`--net=${path}`, file, ...args], { timeoutMs });
}
