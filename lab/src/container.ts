import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { neededCapabilities } from '@pxeboot/config/container/decide/capabilities';
import { CommandError } from '@pxeboot/config/host/run';
import { HostError, InputError } from '@pxeboot/config/kit/errors';

import type { LabSettings } from './decide/settings.ts';
import {
  dhcpRangeEnd,
  dhcpRangeStart,
  dhcpRangeV6End,
  dhcpRangeV6Start,
  provisionerIp,
  vmsDirectory,
} from './decide/settings.ts';
import { countNews } from './decide/signs-of-life.ts';
import { docker } from './engine.ts';
import { runInNamespace } from './namespace.ts';
import { GaveUp, waitWhile } from './wait-until.ts';

/** What docker calls a container that has not ended. */
const alive = ['created', 'running', 'paused', 'restarting'];
const inspectTimeoutMs = 20_000;
/** docker's words when there is no such container, or the engine has gone with it. */
const gone = /No such (?:object|container)|Cannot connect to the Docker daemon/;

/** What a test sets differently; a variable that is undefined is left out. */
export interface ContainerChanges {
  env?: Readonly<Record<string, string | undefined>>;
  options?: readonly string[];
}

/** What pvmlab sets beside, where its network has IPv6. */
export const ipv6Environment = { DHCP_RANGE_V6_START: dhcpRangeV6Start, DHCP_RANGE_V6_END: dhcpRangeV6End };

/** Arguments of `docker run` as pvmlab gives them, but with no more rights than needed in place of --privileged, as the README has it. */
export function containerArguments(lab: LabSettings, changes: ContainerChanges = {}): string[] {
  const env: Record<string, string | undefined> = {
    PROVISIONER_IP: provisionerIp,
    DHCP_RANGE_START: dhcpRangeStart,
    DHCP_RANGE_END: dhcpRangeEnd,
    ...changes.env,
  };
  return [
    ...['run', '-d'],
    ...['--mount', `type=bind,source=${vmsDirectory(lab)},target=/mnt/host/vms`],
    ...['--mount', `type=bind,source=${lab.images},target=/www/images`],
    ...Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : ['-e', `${name}=${value}`])),
    ...['--name', lab.container, '--net=host', '--security-opt', 'no-new-privileges', '--cap-drop', 'ALL'],
    ...neededCapabilities(env['DHCP_RANGE_V6_START'] !== undefined).flatMap((name) => ['--cap-add', name]),
    ...(changes.options ?? []),
    `${lab.container}:latest`,
  ];
}

/** Starts the container anew; returns when its services answer. */
export async function startContainer(lab: LabSettings, changes: ContainerChanges = {}): Promise<void> {
  await mkdir(vmsDirectory(lab), { recursive: true });
  await mkdir(lab.images, { recursive: true });
  await loadTarball(lab);
  await removeContainer(lab);
  await docker(lab, containerArguments(lab, changes));
  await untilServing(lab);
}

/** Waits until the services of a container that was started answer.
 * @throws HostError it has ended by itself: its last lines; or it has logged nothing new for a long while */
export async function untilServing(lab: LabSettings): Promise<void> {
  const living = { name: 'the container', traces: async () => countNews('', await containerLogs(lab)) };
  await waitWhile('start the container', living, () => isServing(lab));
}

/** Removes the container, running or not; none is no fault. */
export async function removeContainer(lab: LabSettings): Promise<void> {
  await docker(lab, ['rm', '--force', lab.container]).catch(() => undefined);
}

/** All that the container has logged since its start. */
export async function containerLogs(lab: LabSettings): Promise<string> {
  const { stdout, stderr } = await docker(lab, ['logs', lab.container]);
  return `${stdout}\n${stderr}`;
}

/** Loads the tarball unless the engine has it since the last time. */
export async function loadTarball(lab: LabSettings): Promise<void> {
  if (!existsSync(lab.tarball)) {
    throw new InputError(`start the container: "${lab.tarball}" does not exist; "make image" writes it`);
  }
  const { size, mtimeMs } = await stat(lab.tarball);
  const stamp = join(lab.state, `loaded-${lab.container}`);
  const fingerprint = `${size} ${mtimeMs}`;
  const name = `${lab.container}:latest`;
  const present = await docker(lab, ['image', 'inspect', name]).catch(() => undefined);
  if (present !== undefined && (await readFile(stamp, 'utf8').catch(() => '')) === fingerprint) return;
  const { stdout } = await docker(lab, ['load', '-i', lab.tarball], 0);
  const loaded = /^Loaded image: (\S+)$/m.exec(stdout)?.[1];
  if (loaded === undefined) throw new HostError(`load "${lab.tarball}": docker printed ${JSON.stringify(stdout)}`);
  await docker(lab, ['tag', loaded, name]);
  // The image of the last time has no name any more.
  await docker(lab, ['image', 'prune', '--force'], 0);
  await writeFile(stamp, fingerprint);
}

/** True once health and DHCP answer.
 * @throws GaveUp the container has ended, or is gone; HostError what does not answer yet */
async function isServing(lab: LabSettings): Promise<true> {
  const state = await containerState(lab);
  if (!alive.includes(state)) {
    const lines = (await containerLogs(lab)).trim().split('\n');
    throw new GaveUp(`it ended by itself; its last lines:\n${lines.slice(-8).join('\n')}`);
  }
  const { stdout: dhcp } = await runInNamespace(lab, 'ss', ['-Hlun', 'sport = :67']);
  if (dhcp.trim() === '') throw new HostError('nothing listens on UDP port 67, for DHCP');
  await httpGet('/healthz', lab);
  return true;
}

async function containerState(lab: LabSettings): Promise<string> {
  try {
    const args = ['container', 'inspect', '--format', '{{.State.Status}}', lab.container];
    return (await docker(lab, args, inspectTimeoutMs)).stdout.trim();
  } catch (error) {
    if (error instanceof CommandError && gone.test(error.stderr)) throw new GaveUp('it is gone', { cause: error });
    throw error;
  }
}

/** The body of an answer from the provisioner, asked from inside the lab's network.
 * @throws CommandError for an answer of 400 or more */
export async function httpGet(path: string, lab: LabSettings): Promise<string> {
  const args = ['-fsS', '-m', '10', `http://${provisionerIp}${path}`];
  return (await runInNamespace(lab, 'curl', args)).stdout;
}
