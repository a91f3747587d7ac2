import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '@pxeboot/config/run';
import type { RunResult } from '@pxeboot/config/run';

import { waitUntil } from './wait-until.ts';

/** A Docker engine of its own inside a network namespace: there `--net=host` means that namespace. */
export interface TestEngine {
  docker(args: readonly string[], timeoutMs?: number): Promise<RunResult>;
  dispose(): Promise<void>;
}

export async function startEngine(namespacePath: string): Promise<TestEngine> {
  const directory = await mkdtemp('/var/tmp/pxeboot-engine-');
  const socket = `unix://${join(directory, 'docker.sock')}`;
  const execRoot = join(directory, 'exec');
  const log = openSync(join(directory, 'dockerd.log'), 'a');
  const child = spawn(
    'nsenter',
    [
      `--net=${namespacePath}`,
      'dockerd',
      ...['--data-root', join(directory, 'data'), '--exec-root', execRoot, '--host', socket],
      ...['--pidfile', join(directory, 'dockerd.pid'), '--bridge=none', '--iptables=false', '--ip6tables=false'],
    ],
    { stdio: ['ignore', log, log] },
  );
  const ended = once(child, 'exit');
  const docker = (args: readonly string[], timeoutMs = 60_000): Promise<RunResult> =>
    run('docker', ['--host', socket, ...args], { timeoutMs });

  await waitUntil(`the engine of ${directory} answers`, 30_000, async () => {
    if (child.exitCode !== null) throw new Error(`dockerd ended with ${child.exitCode}; see ${directory}/dockerd.log`);
    return (await docker(['info']).catch(() => undefined)) !== undefined;
  });
  return {
    docker,
    async dispose() {
      const { stdout } = await docker(['ps', '--all', '--quiet']);
      const containers = stdout.split('\n').filter((id) => id !== '');
      if (containers.length > 0) await docker(['rm', '--force', ...containers]);
      child.kill('SIGTERM');
      await ended;
      // The engine leaves the namespace file of --net=host mounted.
      await run('umount', ['-q', join(execRoot, 'netns/default')], { timeoutMs: 10_000 }).catch(() => undefined);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
