import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { RunResult } from '@pxeboot/config/host/run';
import { run } from '@pxeboot/config/host/run';
import { InputError, isErrno } from '@pxeboot/config/kit/errors';

import type { LabSettings } from './decide/settings.ts';
import { bridge, provisionerIp } from './decide/settings.ts';

const commandTimeoutMs = 10_000;

function namespacePath(lab: LabSettings): string {
  return join('/run/netns', lab.name);
}

function namespaceExists(lab: LabSettings): boolean {
  return existsSync(namespacePath(lab));
}

/** @param what is to be done in it, for the message @throws InputError there is no namespace */
export function requireNamespace(lab: LabSettings, what: string): void {
  if (!namespaceExists(lab)) throw new InputError(`${what}: the lab is down; "lab up" starts it`);
}

/** Command words that run a program inside the namespace.
 * Not `ip netns exec`: it mounts another /sys, which container runtimes do not survive. */
export function inNamespace(lab: LabSettings, file: string, args: readonly string[]): [string, string[]] {
  return ['nsenter', [`--net=${namespacePath(lab)}`, file, ...args]];
}

/** Runs a program inside the namespace and waits for it. @throws CommandError as run does */
export function runInNamespace(
  lab: LabSettings,
  file: string,
  args: readonly string[],
  timeoutMs = commandTimeoutMs,
): Promise<RunResult> {
  const [program, words] = inNamespace(lab, file, args);
  return run(program, words, { timeoutMs });
}

/** Makes the namespace with the bridge that carries the provisioner's address; does nothing when it is there. */
export async function createNamespace(lab: LabSettings): Promise<void> {
  if (namespaceExists(lab)) return;
  await run('ip', ['netns', 'add', lab.name], { timeoutMs: commandTimeoutMs });
  await runInNamespace(lab, 'ip', ['link', 'set', 'lo', 'up']);
  await runInNamespace(lab, 'ip', ['link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0']);
  await runInNamespace(lab, 'ip', ['address', 'add', `${provisionerIp}/24`, 'dev', bridge]);
  await runInNamespace(lab, 'ip', ['link', 'set', bridge, 'up']);
}

/** A tap on the bridge for one VM; an old one of that name is replaced. */
export async function createTap(lab: LabSettings, tap: string): Promise<void> {
  await removeTap(lab, tap);
  await runInNamespace(lab, 'ip', ['tuntap', 'add', 'dev', tap, 'mode', 'tap']);
  await plugTap(lab, tap);
}

/** Puts a tap on the bridge: the VM's cable is in the switch. */
export async function plugTap(lab: LabSettings, tap: string): Promise<void> {
  await runInNamespace(lab, 'ip', ['link', 'set', tap, 'master', bridge, 'up']);
}

/** As if the VM's cable were pulled out of the switch: its own end stays up. */
export async function unplugTap(lab: LabSettings, tap: string): Promise<void> {
  await runInNamespace(lab, 'ip', ['link', 'set', tap, 'nomaster']);
}

/** Removes a tap; none is no fault. */
export async function removeTap(lab: LabSettings, tap: string): Promise<void> {
  await runInNamespace(lab, 'ip', ['link', 'delete', tap]).catch(() => undefined);
}

/** Ends every process inside the namespace, which is the lab's alone, and removes it. */
export async function removeNamespace(lab: LabSettings): Promise<void> {
  if (!namespaceExists(lab)) return;
  await endProcesses(lab, 'SIGTERM', 8_000);
  await endProcesses(lab, 'SIGKILL', 4_000);
  await run('ip', ['netns', 'delete', lab.name], { timeoutMs: commandTimeoutMs });
}

async function endProcesses(lab: LabSettings, signal: NodeJS.Signals, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (const pid of await processIds(lab)) sendSignal(pid, signal);
  while (Date.now() < deadline && (await processIds(lab)).length > 0) await sleep(100);
}

async function processIds(lab: LabSettings): Promise<number[]> {
  const { stdout } = await run('ip', ['netns', 'pids', lab.name], { timeoutMs: commandTimeoutMs });
  return stdout
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1);
}

/** Sends a signal; a process that is gone is no fault. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** The process that a file names, if its command line holds this text: a process id can have a new owner. */
export async function processOf(pidFile: string, commandHolds: string): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid < 2) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes(commandHolds) ? pid : undefined;
}
