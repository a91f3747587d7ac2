import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { quoteCommand } from '@pxeboot/config/run';

import type { TestEngine } from './engine.ts';
import { startEngine } from './engine.ts';
import type { TestNetwork } from './network.ts';
import { createTestNetwork, provisionerIp, rangeEnd, rangeStart } from './network.ts';
import { tarball } from './requirements.ts';
import { waitUntil } from './wait-until.ts';

export const container = tarball.replace('.tar', '');

/** The built image in a network of its own. */
export interface TestStack {
  network: TestNetwork;
  engine: TestEngine;
  vms: string;
  images: string;
  /** What `docker load` printed. */
  loaded: string;
  /** Runs the image as pvmlab does and returns at once. */
  start(changes?: StartChanges): Promise<void>;
  /** The same, and waits for the health of all services. */
  startAndWait(changes?: StartChanges): Promise<void>;
  remove(): Promise<void>;
  logs(): Promise<string>;
  /** Waits until the container has ended by itself: its exit status. */
  exitStatus(timeoutMs: number): Promise<number>;
  exec(args: readonly string[]): Promise<string>;
  get(path: string, options?: readonly string[]): Promise<HttpAnswer>;
  save(file: string, content: string | object): Promise<void>;
  dispose(): Promise<void>;
}

export interface StartChanges {
  /** Variables to set beside or instead of the usual; undefined takes one away. */
  env?: Readonly<Record<string, string | undefined>>;
  options?: readonly string[];
}

export interface HttpAnswer {
  status: number;
  headers: string;
  body: string;
}

export async function createTestStack(): Promise<TestStack> {
  const network = await createTestNetwork();
  const engine = await startEngine(network.path);
  const directory = await mkdtemp('/var/tmp/pxeboot-stack-');
  const vms = join(directory, 'vms');
  const images = join(directory, 'images');
  await mkdir(vms);
  await mkdir(images);
  const loaded = (await engine.docker(['load', '-i', tarball], 120_000)).stdout;
  await engine.docker(['tag', 'pxeboot_stack:latest', `${container}:latest`]);

  async function start(changes: StartChanges = {}): Promise<void> {
    const args = dockerRunArguments(vms, images, changes);
    console.log(quoteCommand('docker', args));
    await engine.docker(args);
  }

  async function logs(): Promise<string> {
    const { stdout, stderr } = await engine.docker(['logs', container]);
    return `${stdout}\n${stderr}`;
  }

  return {
    network,
    engine,
    vms,
    images,
    loaded,
    start,
    logs,
    async startAndWait(changes) {
      await start(changes);
      await waitUntil('all services answer', 20_000, () => isServing(network));
    },
    async remove() {
      await engine.docker(['rm', '--force', container]);
    },
    async exitStatus(timeoutMs) {
      const { stdout } = await engine.docker(['wait', container], timeoutMs);
      return Number(stdout.trim());
    },
    async exec(args) {
      return (await engine.docker(['exec', container, ...args])).stdout;
    },
    get: (path, options) => get(network, path, options),
    async save(file, content) {
      await writeFile(join(vms, file), typeof content === 'string' ? content : JSON.stringify(content));
    },
    async dispose() {
      await engine.dispose();
      await network.dispose();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** pvmlab's own command line, with the two capabilities in place of --privileged. */
function dockerRunArguments(vms: string, images: string, changes: StartChanges): string[] {
  const env: Record<string, string | undefined> = {
    PROVISIONER_IP: provisionerIp,
    DHCP_RANGE_START: rangeStart,
    DHCP_RANGE_END: rangeEnd,
    ...changes.env,
  };
  return [
    ...['run', '-d'],
    ...['--mount', `type=bind,source=${vms},target=/mnt/host/vms`],
    ...['--mount', `type=bind,source=${images},target=/www/images`],
    ...Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : ['-e', `${name}=${value}`])),
    ...['--name', container, '--net=host', '--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW'],
    ...(changes.options ?? []),
    `${container}:latest`,
  ];
}

async function isServing(network: TestNetwork): Promise<boolean> {
  const health = await get(network, '/healthz').catch(() => undefined);
  const { stdout } = await network.run('ss', ['-Hlun', 'sport = :67']);
  return health?.status === 200 && stdout.trim() !== '';
}

async function get(network: TestNetwork, path: string, options: readonly string[] = []): Promise<HttpAnswer> {
  const url = `http://${provisionerIp}${path}`;
  const { stdout } = await network.run('curl', ['-sS', '-i', '--path-as-is', '-m', '10', ...options, url]);
  const [head = '', ...body] = stdout.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), headers: head.toLowerCase(), body: body.join('\r\n\r\n') };
}
