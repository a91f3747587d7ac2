import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { run } from '@pxeboot/config/run';

import { namespacePath, runInside } from './network.ts';
import type { LabSettings } from './settings.ts';
import { labPaths } from './settings.ts';

/** The lab's own key pair, made at first use: its public half, one line. */
export async function labKey(settings: LabSettings): Promise<string> {
  const { key } = labPaths(settings);
  if (!existsSync(key)) {
    await mkdir(dirname(key), { recursive: true });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'pxeboot-lab', '-f', key], { timeoutMs: 20_000 });
  }
  return (await readFile(`${key}.pub`, 'utf8')).trim();
}

/** Runs a shell command on the VM as user ubuntu, as `pvmlab vm shell` does. */
export async function onMachine(
  settings: LabSettings,
  ip: string,
  command: string,
  timeoutMs = 60_000,
): Promise<string> {
  return (await runInside(settings, 'ssh', sshArguments(settings, ip, [command]), timeoutMs)).stdout.trim();
}

/** Program and arguments of an interactive login. */
export function loginCommand(settings: LabSettings, ip: string, command: readonly string[]): [string, string[]] {
  return ['nsenter', [`--net=${namespacePath(settings)}`, 'ssh', ...sshArguments(settings, ip, command)]];
}

function sshArguments(settings: LabSettings, ip: string, command: readonly string[]): string[] {
  return [
    ...['-i', labPaths(settings).key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5'],
    // A VM that is installed again has new host keys, and this network has no one else in it.
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    `ubuntu@${ip}`,
    ...command,
  ];
}
