import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { RunResult } from '@pxeboot/config/host/run';
import { CommandError, run } from '@pxeboot/config/host/run';
import type { Requirements } from '@pxeboot/config/test/support/requirements';
import { needs } from '@pxeboot/config/test/support/requirements';

export const serverAddress = '192.168.105.1';
const serverAddress6 = 'fd00:105::1';
export const serverInterface = 'server';
/** In no range. */
const guestAddress = '192.168.105.250';
const clientInterface = 'client';
const timeoutMs = 20_000;

/** Options of a test with real DHCP.
 * @param more what it needs as well */
export function networkTest(...more: string[]): Requirements {
  return needs('dnsmasq', 'dhcp_release', 'dhclient', 'busybox', 'nsenter', ...more);
}

/** Two network namespaces joined by one cable; nothing reaches the machine's own network. */
export interface Network extends AsyncDisposable {
  /** Starts a program on the server's side. */
  start(file: string, args: readonly string[]): ChildProcess;
  /** IPv4 addresses that the server's DNS has for a name. */
  lookUp(name: string): Promise<string[]>;
  /** The same over DHCPv6, with a DUID made of the MAC. @param settings lines of dhclient.conf(5) */
  requestLease6(mac: string, settings?: string): Promise<string | undefined>;
  /** Asks for a lease as a guest with this MAC, and waits for it. @returns the address, undefined when none is offered
   * @param options more words for udhcpc, such as `-x hostname:web1` */
  requestLease(mac: string, options?: readonly string[]): Promise<string | undefined>;
  /** Says something over DHCP as ./dhcp-guest.ts does. @returns the words of each line: MAC, address, seconds of the lease */
  speakDhcp(...words: string[]): Promise<string[][]>;
  /** Runs a program as a guest: the one that asked for a lease last. */
  runAsGuest(file: string, args: readonly string[]): Promise<RunResult>;
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
  await ip('-n', server, 'addr', 'add', `${serverAddress6}/64`, 'dev', serverInterface, 'nodad');
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
    async requestLease6(mac, settings) {
      await ip('-n', client, 'link', 'set', clientInterface, 'down');
      await ip('-n', client, 'link', 'set', clientInterface, 'address', mac, 'up');
      const [program, before] = inside(client);
      // Duplicate address detection keeps the link-local address from use for a second or two.
      await run(program, [...before, 'ip', '-6', 'addr', 'flush', 'dev', clientInterface], { timeoutMs });
      // One for each MAC: the server remembers which MAC is behind an address.
      const linkLocal = `fe80::${mac.slice(-5).replace(':', '')}/64`;
      await ip('-n', client, 'addr', 'add', linkLocal, 'dev', clientInterface, 'nodad');
      return requestOnce(program, before, mac, settings);
    },
    async requestLease(mac, options = []) {
      await ip('-n', client, 'link', 'set', clientInterface, 'down');
      await ip('-n', client, 'link', 'set', clientInterface, 'address', mac, 'up');
      const [program, before] = inside(client);
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
        ...options,
      ];
      const { stderr } = await run(program, [...before, 'busybox', ...args], { timeoutMs });
      return /lease of (\S+) obtained/.exec(stderr)?.[1];
    },
    async speakDhcp(...words) {
      // An address to speak from, and for a renewal the one to be answered at.
      const used = words[0] === 'renew' ? [words[2] ?? ''] : [];
      for (const address of [guestAddress, ...used])
        await ip('-n', client, 'addr', 'replace', `${address}/24`, 'dev', clientInterface);
      await ip('-n', client, 'route', 'replace', '255.255.255.255', 'dev', clientInterface);
      const [program, before] = inside(client);
      const script = join(import.meta.dirname, 'dhcp-guest.ts');
      const { stdout } = await run(program, [...before, process.execPath, script, ...words], { timeoutMs });
      await ip('-n', client, '-4', 'addr', 'flush', 'dev', clientInterface);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(' '));
    },
    runAsGuest(file, args) {
      const [program, before] = inside(client);
      return run(program, [...before, file, ...args], { timeoutMs });
    },
    async [Symbol.asyncDispose]() {
      await ip('netns', 'del', server);
      await ip('netns', 'del', client);
    },
  };
}

/** The client's memory is empty each time, as after a power-on. */
async function requestOnce(
  program: string,
  before: readonly string[],
  mac: string,
  settings = '',
): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'dhcp6-'));
  const [leases, pid, conf] = [join(directory, 'leases'), join(directory, 'pid'), join(directory, 'conf')];
  const files = ['-lf', leases, '-pf', pid, '-sf', '/bin/true', '-cf', conf];
  try {
    await writeFile(leases, '');
    await writeFile(conf, settings);
    await run(program, [...before, 'dhclient', '-6', '-1', '-D', 'LL', ...files, clientInterface], { timeoutMs });
    process.kill(await pidOfDaemon(pid), 'SIGKILL');
    const text = await readFile(leases, 'utf8');
    return /iaaddr (\S+) \{/.exec(text)?.[1];
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 2) return undefined;
    throw new Error(`ask for an IPv6 lease as ${mac}`, { cause: error });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A daemon may write its process id a moment after the program that started it has ended. */
async function pidOfDaemon(file: string): Promise<number> {
  for (const deadline = Date.now() + timeoutMs; ;) {
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 1) return pid;
    if (Date.now() > deadline) throw new Error(`no process id in "${file}" within ${timeoutMs} ms`);
    await sleep(20);
  }
}
