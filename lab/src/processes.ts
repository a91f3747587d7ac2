import { readFile } from 'node:fs/promises';

import { isErrno } from '@pxeboot/config/errors';

import { waitUntil } from './wait-until.ts';

/** Whether the process lives and its command line holds the text: a number from a file may be another process by now. */
export async function isRunning(pid: number, text: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.replaceAll('\0', ' ').includes(text);
}

/** SIGTERM, and SIGKILL when the time is over. */
export async function stopProcess(pid: number, text: string, timeoutMs: number): Promise<void> {
  signal(pid, 'SIGTERM');
  try {
    await waitUntil(`end process ${pid} (${text})`, { timeoutMs, everyMs: 100 }, async () =>
      (await isRunning(pid, text)) ? undefined : true,
    );
  } catch {
    signal(pid, 'SIGKILL');
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
