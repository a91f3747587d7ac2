import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '@pxeboot/config/run';
import type { RunResult } from '@pxeboot/config/run';

import { inNamespace, processOf, sendSignal } from './namespace.ts';
import type { LabSettings } from './settings.ts';
import { GaveUp, waitUntil } from './wait-until.ts';

/** Address of the lab's own engine, as `docker --host` takes it. */
export function engineSocket(lab: LabSettings): string {
  return `unix://${lab.runtime}/docker.sock`;
}

/** The docker command, speaking to the lab's own engine. */
export function docker(lab: LabSettings, args: readonly string[], timeoutMs = 60_000): Promise<RunResult> {
  return run('docker', ['--host', engineSocket(lab), ...args], { timeoutMs });
}

/** Starts a Docker engine inside the lab's namespace, where `--net=host` means that namespace. */
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
  await waitUntil('start the Docker engine of the lab', 60_000, async () => {
    if (child.exitCode !== null) throw new GaveUp(`dockerd ended with ${child.exitCode}; "${logFile}" says why`);
    return engineAnswers(lab);
  });
}

async function engineAnswers(lab: LabSettings): Promise<boolean> {
  return (await docker(lab, ['info'], 5_000).catch(() => undefined)) !== undefined;
}

/** Stops the engine and what it leaves mounted; its data stays for the next start. */
export async function stopEngine(lab: LabSettings): Promise<void> {
  const pid = await processOf(pidFile(lab), 'dockerd');
  if (pid !== undefined) {
    sendSignal(pid, 'SIGTERM');
    const gone = async (): Promise<boolean> => (await processOf(pidFile(lab), 'dockerd')) === undefined;
    await waitUntil('stop the Docker engine of the lab', 20_000, gone);
  }
  await run('umount', ['-q', join(lab.runtime, 'exec/netns/default')], { timeoutMs: 10_000 }).catch(() => undefined);
}

function pidFile(lab: LabSettings): string {
  return join(lab.runtime, 'docker.pid');
}
