import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunResult } from '@pxeboot/config/host/run';
import { run } from '@pxeboot/config/host/run';

import type { LabSettings } from './decide/settings.ts';
import { inNamespace, processOf, sendSignal } from './namespace.ts';
import { GaveUp, waitUntil, waitWhile } from './wait-until.ts';

/** Of one that takes a second; a busy machine was seen to take fifty times as long. */
const commandTimeoutMs = 300_000;
const answerTimeoutMs = 20_000;
const stopTimeoutMs = 120_000;

/** Address of the lab's own engine, as `docker --host` takes it. */
export function engineSocket(lab: LabSettings): string {
  return `unix://${lab.runtime}/docker.sock`;
}

/** The docker command, speaking to the lab's own engine.
 * @param timeoutMs 0: as long as the command lives */
export function docker(lab: LabSettings, args: readonly string[], timeoutMs = commandTimeoutMs): Promise<RunResult> {
  return run('docker', ['--host', engineSocket(lab), ...args], { timeoutMs });
}

/** Starts a Docker engine inside the lab's namespace, where `--net=host` means that namespace.
 * @throws HostError it has ended by itself, or it has logged nothing new for a long while */
export async function startEngine(lab: LabSettings): Promise<void> {
  if (await engineAnswers(lab)) return;
  await mkdir(lab.runtime, { recursive: true });
  await mkdir(lab.state, { recursive: true });
  const logFile = join(lab.state, 'engine.log');
  const log = openSync(logFile, 'a');
  const [file, args] = inNamespace(lab, 'dockerd', [
    ...['--data-root', join(lab.state, 'engine'), '--exec-root', join(lab.runtime, 'exec')],
    ...['--host', engineSocket(lab), '--pidfile', pidFile(lab)],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
  ]);
  const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  child.unref();
  const living = { name: 'the Docker engine', traces: async () => (await stat(logFile)).size };
  await waitWhile('start the Docker engine of the lab', living, async () => {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new GaveUp(`dockerd ended with ${ended}; "${logFile}" says why`);
    return engineAnswers(lab);
  });
}

async function engineAnswers(lab: LabSettings): Promise<boolean> {
  return (await docker(lab, ['info'], answerTimeoutMs).catch(() => undefined)) !== undefined;
}

/** Stops the engine and what it leaves mounted; its data stays for the next start. */
export async function stopEngine(lab: LabSettings): Promise<void> {
  const pid = await processOf(pidFile(lab), 'dockerd');
  if (pid !== undefined) {
    sendSignal(pid, 'SIGTERM');
    const gone = async (): Promise<boolean> => (await processOf(pidFile(lab), 'dockerd')) === undefined;
    await waitUntil('stop the Docker engine of the lab', stopTimeoutMs, gone);
  }
  await run('umount', ['-q', join(lab.runtime, 'exec/netns/default')], { timeoutMs: 10_000 }).catch(() => undefined);
}

function pidFile(lab: LabSettings): string {
  return join(lab.runtime, 'docker.pid');
}
