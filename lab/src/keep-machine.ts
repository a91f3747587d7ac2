import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

import { namespacePath } from './network.ts';
import type { Machine } from './qemu.ts';
import { platforms, qemuArguments } from './qemu.ts';
import type { LabSettings } from './settings.ts';
import { waitUntil } from './wait-until.ts';

export type PowerOff = 'reset' | 'off' | 'failed';

/** Runs QEMU until the guest powers off, anew at each reset. One line for each boot goes to the log. */
export async function keepMachine(
  settings: LabSettings,
  machine: Machine,
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  for (let boot = 1; ; boot++) {
    await appendFile(logFile, `${new Date().toISOString()} boot ${boot}\n`);
    const end = await bootOnce(settings, machine, signal);
    await appendFile(logFile, `${new Date().toISOString()} ended ${end}\n`);
    if (end !== 'reset' || signal.aborted) return;
  }
}

async function bootOnce(settings: LabSettings, machine: Machine, signal: AbortSignal): Promise<PowerOff> {
  await rm(machine.qmpSocket, { force: true });
  const child = spawn(
    'nsenter',
    [`--net=${namespacePath(settings)}`, platforms[machine.arch].program, ...qemuArguments(machine)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const ended = once(child, 'exit');
  const reason = shutdownReason(child, machine.qmpSocket);
  await ended;
  signal.removeEventListener('abort', stop);
  if (child.exitCode !== 0) return 'failed';
  return (await reason) === 'guest-reset' ? 'reset' : 'off';
}

/** The reason in QEMU's SHUTDOWN event; with -no-reboot both a reset and a power-off end it with status 0. */
async function shutdownReason(child: ChildProcess, path: string): Promise<string> {
  const socket = await waitUntil('reach QEMU', { timeoutMs: 20_000, everyMs: 50 }, async () => {
    if (child.exitCode !== null) return 'gone' as const;
    const attempt = createConnection(path);
    await once(attempt, 'connect');
    return attempt;
  }).catch(() => 'gone' as const);
  if (socket === 'gone') return 'gone';
  socket.on('error', () => undefined);
  socket.write('{"execute":"qmp_capabilities"}\n');
  let reason = 'gone';
  for await (const line of createInterface({ input: socket })) {
    const found = line.includes('"SHUTDOWN"') ? /"reason": ?"([a-z-]+)"/.exec(line)?.[1] : undefined;
    if (found !== undefined) reason = found;
  }
  return reason;
}
