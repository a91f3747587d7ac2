import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { RunResult } from '@pxeboot/config/run';
import { run } from '@pxeboot/config/run';

import type { LabSettings } from './settings.ts';

export function namespacePath(settings: LabSettings): string {
  return join('/run/netns', settings.name);
}

export function networkIsUp(settings: LabSettings): boolean {
  return existsSync(namespacePath(settings));
}

/** Runs a program in the lab's network. Not `ip netns exec`: it mounts another /sys, which container runtimes do not survive. */
export function runInside(
  settings: LabSettings,
  file: string,
  args: readonly string[],
  timeoutMs = 30_000,
): Promise<RunResult> {
  return run('nsenter', [`--net=${namespacePath(settings)}`, file, ...args], { timeoutMs });
}

/** A namespace with one bridge that carries the provisioner's address; nothing leads out of it. */
export async function ensureNetwork(settings: LabSettings): Promise<void> {
  if (networkIsUp(settings)) return;
  const { name, bridge, provisionerIp, prefixLength } = settings;
  await run('ip', ['netns', 'add', name], { timeoutMs: 10_000 });
  try {
    await runInside(settings, 'ip', ['link', 'set', 'lo', 'up']);
    await runInside(settings, 'ip', ['link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0']);
    await runInside(settings, 'ip', ['address', 'add', `${provisionerIp}/${prefixLength}`, 'dev', bridge]);
    await runInside(settings, 'ip', ['link', 'set', bridge, 'up']);
  } catch (error) {
    await removeNetwork(settings);
    throw error;
  }
}

export async function removeNetwork(settings: LabSettings): Promise<void> {
  if (networkIsUp(settings)) await run('ip', ['netns', 'delete', settings.name], { timeoutMs: 10_000 });
}

/** One port of the bridge for one VM. */
export async function ensureTap(settings: LabSettings, tap: string): Promise<void> {
  await removeTap(settings, tap);
  await runInside(settings, 'ip', ['tuntap', 'add', 'dev', tap, 'mode', 'tap']);
  await runInside(settings, 'ip', ['link', 'set', tap, 'master', settings.bridge, 'up']);
}

export async function removeTap(settings: LabSettings, tap: string): Promise<void> {
  const { stdout } = await runInside(settings, 'ip', ['-o', 'link', 'show', 'type', 'tun']);
  if (stdout.includes(` ${tap}:`)) await runInside(settings, 'ip', ['link', 'delete', tap]);
}
