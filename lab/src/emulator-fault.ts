import { readFile, stat } from 'node:fs/promises';

import { hasEmulatorFault } from './decide/signs-of-life.ts';

const pauseMs = 2_000;

/** Calls back once when a console shows that the emulator has broken the machine's kernel.
 * @param consoleLog what it has printed so far is over
 * @returns stops looking */
export async function onEmulatorFault(consoleLog: string, found: () => void): Promise<() => void> {
  const start = (await stat(consoleLog).catch(() => ({ size: 0 }))).size;
  const timer = setInterval(() => void look(), pauseMs);

  async function look(): Promise<void> {
    const text = await readFile(consoleLog, 'latin1').catch(() => '');
    if (!hasEmulatorFault(text.slice(start))) return;
    clearInterval(timer);
    found();
  }

  return () => clearInterval(timer);
}
