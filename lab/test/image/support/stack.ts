import { mkdir, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import type { RunResult } from '@pxeboot/config/host/run';
import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { ContainerChanges } from '../../../src/container.ts';
import {
  containerArguments,
  containerLogs,
  loadTarball,
  removeContainer,
  untilServing,
} from '../../../src/container.ts';
import type { LabSettings } from '../../../src/decide/settings.ts';
import { labSettings, provisionerIp, vmsDirectory } from '../../../src/decide/settings.ts';
import { docker, startEngine } from '../../../src/engine.ts';
import { labDown } from '../../../src/lab.ts';
import type { TestNetwork } from './network.ts';
import { createTestNetwork } from './network.ts';

/** A lab of the tests' own, beside the user's. */
const hostArch: Arch = arch() === 'arm64' ? 'aarch64' : 'x86_64';
const ownLab: LabSettings = testLab(hostArch);
export { ownLab as lab };
export const container = ownLab.container;

/** The built image in a network of its own. */
export interface TestStack {
  network: TestNetwork;
  vms: string;
  images: string;
  docker(args: readonly string[], timeoutMs?: number): Promise<RunResult>;
  /** Runs the image as pvmlab does and returns at once. */
  start(changes?: ContainerChanges): Promise<void>;
  /** The same, and waits until all services answer. */
  startAndWait(changes?: ContainerChanges): Promise<void>;
  /** Waits until the services of a running container answer. */
  untilServing(): Promise<void>;
  remove(): Promise<void>;
  logs(): Promise<string>;
  /** Waits until the container has ended by itself: its exit status. */
  exitStatus(timeoutMs: number): Promise<number>;
  exec(args: readonly string[]): Promise<string>;
  get(path: string, options?: readonly string[]): Promise<HttpAnswer>;
  save(file: string, content: string | object): Promise<void>;
  dispose(): Promise<void>;
}

export interface HttpAnswer {
  status: number;
  headers: string;
  body: string;
}

/** @param lab another tarball or container name than this machine's own */
export async function createTestStack(lab: LabSettings = ownLab): Promise<TestStack> {
  const vms = vmsDirectory(lab);
  for (const directory of [vms, lab.images]) {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
  }
  const network = await createTestNetwork(lab);
  await startEngine(lab);
  await removeContainer(lab);
  await loadTarball(lab);

  async function start(changes?: ContainerChanges): Promise<void> {
    const args = containerArguments(lab, changes);
    console.log(quoteCommand('docker', args));
    await docker(lab, args);
  }

  return {
    network,
    vms,
    images: lab.images,
    docker: (args, timeoutMs) => docker(lab, args, timeoutMs),
    start,
    untilServing: () => untilServing(lab),
    async startAndWait(changes) {
      await start(changes);
      await untilServing(lab);
    },
    remove: () => removeContainer(lab),
    logs: () => containerLogs(lab),
    async exitStatus(timeoutMs) {
      return Number((await docker(lab, ['wait', lab.container], timeoutMs)).stdout.trim());
    },
    async exec(args) {
      return (await docker(lab, ['exec', lab.container, ...args])).stdout;
    },
    get: (path, options) => get(network, path, options),
    async save(file, content) {
      await writeFile(join(vms, file), typeof content === 'string' ? content : JSON.stringify(content));
    },
    async dispose() {
      await network.dispose();
      await labDown(lab);
    },
  };
}

/** The tests' lab with the tarball of one architecture. */
export function testLab(imageArch: Arch): LabSettings {
  const settings = labSettings(process.cwd(), imageArch, 'pxeboot-test');
  return { ...settings, images: join(settings.state, 'images') };
}

async function get(network: TestNetwork, path: string, options: readonly string[] = []): Promise<HttpAnswer> {
  const url = `http://${provisionerIp}${path}`;
  const { stdout } = await network.run('curl', ['-sS', '-i', '--path-as-is', '-m', '10', ...options, url]);
  return parseAnswer(stdout);
}

/** Reads what `curl -i` prints. */
export function parseAnswer(text: string): HttpAnswer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), headers: head.toLowerCase(), body: body.join('\r\n\r\n') };
}
