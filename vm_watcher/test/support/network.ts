import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import type { RunResult } from '@pxeboot/config/run';
import { run } from '@pxeboot/config/run';

export const serverAddress = '192.168.105.1';
export const serverInterface = 'server';
const clientInterface = 'client';
const timeoutMs = 20_000;

/** Two network namespaces joined by one cable; nothing reaches the machine's own network. */
export interface Network extends AsyncDisposable {
  /** Starts a program on the server's side. */
  start(file: string, args: readonly string[]): ChildProcess;
  /** IPv4 addresses that the server's DNS has for a name. */
  lookUp(name: string): Promise<string[]>;
  /** Asks for a lease as a guest with this MAC, and waits for it. @returns the address, undefined when none is offered */
  requestLease(mac: string, hostname?: string): Promise<string | undefined>;
}

export async function createNetwork(): Promise<Network> {
  const id = process.pid.toString(36);
  const [server, client] = [`watcher-s-${id}`, `watcher-c-${id}`];
  const inside = (namespace: string) => ['nsenter', [`--net=/run/netns/${namespace}`, '--']] as const;
  const ip = (...args: string[]): Promise<RunResult> => run('ip', args, { timeoutMs });

  await ip('netns', 'add', server);
  await ip('netns', 'add', client);
  await ip(
    'link',
    'add',
    serverInterface,
    'netns',
    server,
    'type',
    'veth',
    'peer',
    'name',
    clientInterface,
    'netns',
    client,
  );
  await ip('-n', server, 'addr', 'add', `${serverAddress}/24`, 'dev', serverInterface);
  for (const [namespace, name] of [
    [server, 'lo'],
    [server, serverInterface],
    [client, clientInterface],
  ] as const) {
    await ip('-n', namespace, 'link', 'set', name, 'up');
  }

  return {
    start(file, args) {
      const [program, before] = inside(server);
      return spawn(program, [...before, file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    },
    async lookUp(name) {
      const [program, before] = inside(server);
      const script = join(import.meta.dirname, 'look-up.ts');
      const { stdout } = await run(program, [...before, process.execPath, script, serverAddress, name], { timeoutMs });
      return stdout.split('\n').filter((line) => line !== '');
    },
    async requestLease(mac, hostname) {
      await ip('-n', client, 'link', 'set', clientInterface, 'down');
      await ip('-n', client, 'link', 'set', clientInterface, 'address', mac, 'up');
      const [program, before] = inside(client);
      const name = hostname === undefined ? [] : ['-x', `hostname:${hostname}`];
      const args = [
        'udhcpc',
        '-i',
        clientInterface,
        '-n',
        '-q',
        '-f',
        '-t',
        '5',
        '-T',
        '1',
        '-s',
        '/bin/true',
        ...name,
      ];
      const { stderr } = await run(program, [...before, 'busybox', ...args], { timeoutMs });
      return /lease of (\S+) obtained/.exec(stderr)?.[1];
    },
    async [Symbol.asyncDispose]() {
      await ip('netns', 'del', server);
      await ip('netns', 'del', client);
    },
  };
}
