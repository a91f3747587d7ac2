import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { HostError, InputError } from '@pxeboot/config/errors';
import { quoteCommand } from '@pxeboot/config/run';

import { docker } from './engine.ts';
import { runInside } from './network.ts';
import type { LabSettings } from './settings.ts';
import { labPaths } from './settings.ts';
import { GaveUp, waitUntil } from './wait-until.ts';

export function containerName(settings: LabSettings): string {
  return basename(settings.tarball, '.tar');
}

/** Loads the tarball if it is another than the last time and runs it as pvmlab does, less --privileged. Returns the command line. */
export async function startContainer(settings: LabSettings): Promise<string> {
  if (!existsSync(settings.tarball)) {
    throw new InputError(`start the container: ${settings.tarball} is missing; "make image" writes it`);
  }
  const paths = labPaths(settings);
  await mkdir(paths.vms, { recursive: true });
  await mkdir(settings.imagesDir, { recursive: true });
  await loadTarball(settings);
  const name = containerName(settings);
  await docker(settings, ['rm', '--force', name]).catch(() => undefined);
  const args = [
    ...['run', '-d', '--mount', `type=bind,source=${paths.vms},target=/mnt/host/vms`],
    ...['--mount', `type=bind,source=${settings.imagesDir},target=/www/images`],
    ...['-e', `PROVISIONER_IP=${settings.provisionerIp}`],
    ...['-e', `DHCP_RANGE_START=${settings.rangeStart}`, '-e', `DHCP_RANGE_END=${settings.rangeEnd}`],
    ...['--name', name, '--net=host', '--cap-add', 'NET_ADMIN', '--cap-add', 'NET_RAW', `${name}:latest`],
  ];
  await docker(settings, args);
  await waitForHealth(settings);
  return quoteCommand('docker', args);
}

async function loadTarball(settings: LabSettings): Promise<void> {
  const { size, mtimeMs } = await stat(settings.tarball);
  const stamp = join(labPaths(settings).engine, 'loaded');
  const fingerprint = `${settings.tarball} ${size} ${mtimeMs}`;
  const name = `${containerName(settings)}:latest`;
  const present = await docker(settings, ['image', 'inspect', name]).catch(() => undefined);
  if (present !== undefined && (await readFile(stamp, 'utf8').catch(() => '')) === fingerprint) return;
  const { stdout } = await docker(settings, ['load', '-i', settings.tarball], 300_000);
  const loaded = /^Loaded image: (\S+)$/m.exec(stdout)?.[1];
  if (loaded === undefined) throw new HostError(`load ${settings.tarball}: docker printed ${JSON.stringify(stdout)}`);
  await docker(settings, ['tag', loaded, name]);
  await writeFile(stamp, fingerprint);
}

async function waitForHealth(settings: LabSettings): Promise<void> {
  const name = containerName(settings);
  await waitUntil('wait for the container’s services', { timeoutMs: 60_000 }, async () => {
    const { stdout } = await docker(settings, ['inspect', '--format', '{{.State.Running}}', name]);
    if (stdout.trim() !== 'true') throw new GaveUp(`the container ended by itself:\n${await containerLogs(settings)}`);
    const sockets = await runInside(settings, 'ss', ['-Hlun', 'sport = :67']);
    await httpGet(settings, '/healthz');
    return sockets.stdout.trim() === '' ? undefined : true;
  });
}

export async function containerLogs(settings: LabSettings): Promise<string> {
  const { stdout, stderr } = await docker(settings, ['logs', containerName(settings)]);
  return `${stdout}\n${stderr}`;
}

/** Writes the container's log beside the consoles and returns its path. */
export async function saveContainerLogs(settings: LabSettings): Promise<string> {
  const { logs } = labPaths(settings);
  const file = join(logs, 'container.log');
  await mkdir(logs, { recursive: true });
  await writeFile(file, await containerLogs(settings).catch(String));
  return file;
}

/** The body of an answer from the provisioner, asked from inside the lab's network.
 * @throws CommandError for an answer of 400 or more */
export async function httpGet(settings: LabSettings, path: string): Promise<string> {
  const url = `http://${settings.provisionerIp}${path}`;
  return (await runInside(settings, 'curl', ['-sS', '-f', '-m', '10', url])).stdout;
}
