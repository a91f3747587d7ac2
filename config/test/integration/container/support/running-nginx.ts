import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { nginxContext } from '../../../../container/decide/contexts.ts';
import { serviceVariables } from '../../../../container/decide/service-variables.ts';
import { run } from '../../../../host/run.ts';
import type { Cidr } from '../../../../kit/ip.ts';
import { compileTemplate } from '../../../../kit/render.ts';

const repository = join(import.meta.dirname, '../../../../..');
/** Programs that `runNginx` needs. */
export const nginxPrograms = ['nginx', 'curl', 'ip', 'nsenter'];

/** The real nginx before the real boot_handler, alone in a network namespace. */
export interface RunningNginx {
  /** Its files are in `www`, its logs in `access.log` and `error.log`, boot_handler's in `handler.log`. */
  directory: string;
  /** Process ids; nginx's is that of its master. */
  pids: { nginx: number; handler: number };
  /** What a program is called with that runs where nginx does. */
  inside: readonly [string, ...string[]];
  /** Status line, headers and body of an answer; what curl is told next to the URL. */
  ask(path: string, ...options: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Where nginx answers, and whom. */
interface NginxPlace {
  /** Of the private interface, which is the namespace's loopback. */
  address: string;
  prefixLength: number;
  /** What else that interface carries, as `10.0.0.5/24`. */
  clients: string[];
  /** As of the container's ADMIN_FROM. */
  adminFrom: Cidr[];
  /** Of each worker. */
  connections: number;
}

const usualPlace: NginxPlace = { address: '127.0.0.1', prefixLength: 8, clients: [], adminFrom: [], connections: 512 };

export async function runNginx(given: Partial<NginxPlace> = {}): Promise<RunningNginx> {
  const place = { ...usualPlace, ...given };
  const namespace = `nginx-${process.pid.toString(36)}`;
  const inside = ['nsenter', `--net=/run/netns/${namespace}`, '--'] as const;
  const programs: ChildProcess[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'nginx-'));
  await chmod(directory, 0o755);
  const configuration = await layOut(directory, place);
  await run('ip', ['netns', 'add', namespace], { timeoutMs: 5000 });
  await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'], { timeoutMs: 5000 });
  const carried = place.address === '127.0.0.1' ? [] : [`${place.address}/${place.prefixLength}`];
  for (const cidr of [...carried, ...place.clients])
    await run('ip', ['-n', namespace, 'address', 'add', cidr, 'dev', 'lo'], { timeoutMs: 5000 });
  const log = await open(join(directory, 'error.log'), 'a');
  // A container may have a time zone; the services do not.
  const env = { ...process.env, ...serviceVariables({ TZ: 'IST-05:30' }), TMPDIR: directory };
  const [program, ...words] = [...inside, 'nginx', '-e', 'stderr', '-c', configuration];
  const server = spawn(program, words, { stdio: ['ignore', 'ignore', log.fd], env });
  await log.close();
  const handlerLog = await open(join(directory, 'handler.log'), 'a');
  const handler = spawn(process.execPath, handlerArguments(directory), {
    stdio: ['ignore', handlerLog.fd, handlerLog.fd],
  });
  await handlerLog.close();
  programs.push(server, handler);

  async function ask(path: string, ...options: string[]): Promise<string> {
    const [file, ...args] = [...inside, 'curl', '-s', '-i', '-m', '5', ...options, `http://${place.address}${path}`];
    return (await run(file, args, { timeoutMs: 10_000 })).stdout;
  }

  for (const deadline = performance.now() + 60_000; ;) {
    if ((await ask('/healthz').catch(() => '')).includes(' 200 ')) break;
    assert.ok(performance.now() < deadline, 'nginx and boot_handler answer');
    await sleep(50);
  }
  return {
    directory,
    pids: { nginx: server.pid ?? 0, handler: handler.pid ?? 0 },
    inside,
    ask,
    async stop() {
      for (const child of programs) {
        child.kill('SIGTERM');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      await run('ip', ['netns', 'del', namespace], { timeoutMs: 5000 });
      await rm(directory, { recursive: true });
    },
  };
}

/** Makes what the container has. @returns nginx's configuration */
async function layOut(
  directory: string,
  { address, prefixLength, adminFrom, connections }: NginxPlace,
): Promise<string> {
  await mkdir(join(directory, 'www/images/debian-12'), { recursive: true });
  await mkdir(join(directory, 'vms'));
  const boot = join(directory, 'www/boot');
  await cp(join(repository, 'config/container/templates'), boot, { recursive: true });
  const source = await readFile(join(repository, 'config/container/templates/nginx.conf.hbs'), 'utf8');
  const place = { interface: 'lo', address, prefixLength };
  const context = {
    ...nginxContext(place, adminFrom, 65_536, { limit: 2 * connections, connections }),
    runDirectory: directory,
    handlerSocket: join(directory, 'handler.sock'),
    filesRoot: join(directory, 'www'),
    bootDirectory: boot,
  };
  const text = compileTemplate('nginx.conf', source)(context).replace('/dev/stdout', join(directory, 'access.log'));
  const file = join(directory, 'nginx.conf');
  // Its workers are nobody's otherwise, who may not use the handler's socket.
  await writeFile(file, `user root;\n${text}`);
  return file;
}

function handlerArguments(directory: string): string[] {
  const templates = join(repository, 'boot_handler/templates');
  const places = [
    '--vms',
    join(directory, 'vms'),
    '--templates',
    templates,
    '--listen',
    join(directory, 'handler.sock'),
    '--images',
    join(directory, 'www/images'),
    '--leases',
    join(directory, 'dnsmasq.leases'),
    '--status-key',
    join(directory, 'status.key'),
  ];
  return [join(repository, 'boot_handler/src/main.ts'), ...places];
}
