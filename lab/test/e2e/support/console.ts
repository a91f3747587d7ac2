import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { stripVTControlCharacters } from 'node:util';

import type { LabSettings } from '../../../src/settings.ts';
import { machinePaths } from '../../../src/vm-files.ts';
import { waitUntil } from '../../../src/wait-until.ts';

/** What a VM has printed on its serial console, without the firmware's cursor movements. */
export async function consoleText(lab: LabSettings, vm: string): Promise<string> {
  const text = await readFile(machinePaths(lab, vm).consoleLog, 'latin1').catch(() => '');
  return stripVTControlCharacters(text).replaceAll('\r', '');
}

/** Waits until the console shows a text, and returns the match. */
export async function untilPrinted(
  lab: LabSettings,
  vm: string,
  pattern: RegExp,
  timeoutMs: number,
): Promise<RegExpExecArray> {
  return waitUntil(`the console of "${vm}" shows ${pattern}`, timeoutMs, async () => {
    return pattern.exec(await consoleText(lab, vm)) ?? undefined;
  });
}

let commands = 0;

/** Types a command into the installer's shell: what it prints. */
export async function runInShell(lab: LabSettings, vm: string, command: string, timeoutMs = 60_000): Promise<string> {
  const id = `${process.pid}${commands++}`;
  const keyboard = createConnection(machinePaths(lab, vm).consoleSocket);
  await once(keyboard, 'connect');
  // The shell echoes what is typed: the marks are put together by the shell, so that the echo does not hold them.
  keyboard.write(`\necho be''gin-${id}; ${command}; echo en''d-${id}\n`);
  const [, output = ''] = await untilPrinted(
    lab,
    vm,
    new RegExp(`begin-${id}\\n([^]*?)end-${id}\\n`),
    timeoutMs,
  ).finally(() => keyboard.destroy());
  return output.trim();
}
