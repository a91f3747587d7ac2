import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunResult } from '@pxeboot/config/run';
import { run } from '@pxeboot/config/run';

import { namespacePath } from './network.ts';
import { isRunning, stopProcess } from './processes.ts';
import type { LabSettings } from './settings.ts';
import { labPaths } from './settings.ts';
import { GaveUp, waitUntil } from './wait-until.ts';

/** The lab's own Docker engine lives in the lab's network: there `--net=host` means that network. */
export function docker(settings: LabSettings, args: readonly string[], timeoutMs = 60_000): Promise<RunResult> {
  return run('docker', ['--host', socketOf(settings), ...args], { timeoutMs });
}

export async function ensureEngine(settings: LabSettings): Promise<void> {
  if (await answers(settings)) return;
  const { engine, run: runDir } = labPaths(settings);
  await mkdir(engine, { recursive: true });
  await mkdir(runDir, { recursive: true });
  await rm(pidFileOf(settings), { force: true });
  const logFile = join(engine, 'dockerd.log');
  const log = openSync(logFile, 'a');
  const child = spawn('nsenter', [`--net=${namespacePath(settings)}`, 'dockerd', ...engineArguments(settings)], {
    stdio: ['ignore', log, log],
    detached: true,
  });
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
  await waitUntil('start the lab’s Docker engine', { timeoutMs: 60_000 }, async () => {
    if (child.pid === undefined || child.exitCode !== null) {
      throw new GaveUp(
        `start the lab’s Docker engine: dockerd ended with ${child.exitCode ?? 'no start'}; see ${logFile}`,
      );
    }
    return (await answers(settings)) || undefined;
  });
}

export async function stopEngine(settings: LabSettings): Promise<void> {
  const { run: runDir } = labPaths(settings);
  if (await answers(settings)) {
    const containers = (await docker(settings, ['ps', '--all', '--quiet'])).stdout
      .split('\n')
      .filter((id) => id !== '');
    if (containers.length > 0) await docker(settings, ['rm', '--force', ...containers]);
  }
  const pid = Number(await readFile(pidFileOf(settings), 'utf8').catch(() => ''));
  if (pid > 0 && (await isRunning(pid, 'dockerd'))) await stopProcess(pid, 'dockerd', 20_000);
  // The engine leaves the namespace file of --net=host mounted.
  await run('umount', ['-q', join(runDir, 'exec/netns/default')], { timeoutMs: 10_000 }).catch(() => undefined);
  await rm(runDir, { recursive: true, force: true });
}

export async function answers(settings: LabSettings): Promise<boolean> {
  const info = await docker(settings, ['info', '--format', '{{.ServerVersion}}'], 10_000).catch(() => undefined);
  return info !== undefined && info.stdout.trim() !== '';
}

function socketOf(settings: LabSettings): string {
  return `unix://${join(labPaths(settings).run, 'docker.sock')}`;
}

function pidFileOf(settings: LabSettings): string {
  return join(labPaths(settings).run, 'dockerd.pid');
}

function engineArguments(settings: LabSettings): string[] {
  const { engine, run: runDir } = labPaths(settings);
  return [
    ...['--data-root', join(engine, 'data'), '--exec-root', join(runDir, 'exec')],
    ...['--host', socketOf(settings), '--pidfile', pidFileOf(settings)],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
  ];
}
