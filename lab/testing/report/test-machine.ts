import { readFile } from 'node:fs/promises';
import { arch, availableParallelism } from 'node:os';
import { parseEnv } from 'node:util';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { run } from '@pxeboot/config/host/run';

import { hostAccelerator } from '../../src/accelerator.ts';
import { boards } from '../../src/decide/qemu-arguments.ts';
import type { Machine, TestRun } from './decide/results.ts';

const hostArch: Arch = arch() === 'arm64' ? 'aarch64' : 'x86_64';
const commandTimeoutMs = 10_000;

/** The run that begins now, in this checkout and on this machine.
 * @param page the report itself, which may differ from what is committed */
export async function beginRun(page: string): Promise<TestRun> {
  const changes = await git(['status', '--porcelain', '--', '.', `:(exclude)${page}`]);
  return {
    started: new Date().toISOString(),
    commit: await git(['rev-parse', '--short=12', 'HEAD']),
    changed: changes !== '',
    machine: await describeMachine(),
  };
}

async function git(args: readonly string[]): Promise<string> {
  return (await run('git', args, { timeoutMs: commandTimeoutMs })).stdout;
}

async function describeMachine(): Promise<Machine> {
  return {
    processors: availableParallelism(),
    architecture: hostArch,
    accelerator: await hostAccelerator(hostArch),
    system: await describeSystem(),
    qemu: await qemuVersion(),
    node: process.versions.node,
  };
}

/** @see os-release(5); the point release of Debian stands in a file of its own */
async function describeSystem(): Promise<string> {
  const { ID, PRETTY_NAME } = parseEnv(await readFile('/etc/os-release', 'utf8'));
  if (ID !== 'debian') return PRETTY_NAME ?? 'unknown';
  return `Debian ${(await readFile('/etc/debian_version', 'utf8')).trim()}`;
}

async function qemuVersion(): Promise<string> {
  const answer = await run(boards[hostArch].program, ['--version'], { timeoutMs: commandTimeoutMs }).catch(
    () => undefined,
  );
  return /version ([\d.]+)/.exec(answer?.stdout ?? '')?.[1] ?? 'not installed';
}
