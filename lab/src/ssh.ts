import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunResult } from '@pxeboot/config/host/run';
import { run } from '@pxeboot/config/host/run';

import type { LabSettings } from './decide/settings.ts';
import { inNamespace } from './namespace.ts';

/** `pvmlab vm shell` logs in as this user too. */
const loginUser = 'ubuntu';

function privateKeyPath(lab: LabSettings): string {
  return join(lab.state, 'id_ed25519');
}

/** The lab's public key; the pair is made when it is first asked for. */
export async function publicKey(lab: LabSettings): Promise<string> {
  const path = privateKeyPath(lab);
  if (!existsSync(path)) {
    await mkdir(lab.state, { recursive: true });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'pxeboot-lab', '-f', path], { timeoutMs: 20_000 });
  }
  return (await readFile(`${path}.pub`, 'utf8')).trim();
}

/** Command words of an ssh to a VM. Host keys are not kept: each installation makes new ones. */
export function sshCommand(lab: LabSettings, ip: string, command: readonly string[] = []): [string, string[]] {
  return inNamespace(lab, 'ssh', [
    ...['-i', privateKeyPath(lab), '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5'],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    // A VM that reboots may go without closing the connection.
    ...['-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3'],
    `${loginUser}@${ip}`,
    ...command,
  ]);
}

/** Runs a shell command in a VM and waits for it. @throws CommandError it failed, or the VM does not answer */
export function runSsh(lab: LabSettings, ip: string, command: string, timeoutMs = 60_000): Promise<RunResult> {
  const [file, args] = sshCommand(lab, ip, [command]);
  return run(file, args, { timeoutMs });
}
