import { once } from 'node:events';
import { createConnection } from 'node:net';

import { consoleText } from '../../../src/console-text.ts';
import type { LabSettings } from '../../../src/decide/settings.ts';
import { machinePaths } from '../../../src/vm-files.ts';
import { waitWhileRunning } from '../../../src/vm.ts';

export { consoleText };

/** Waits until the console shows a text, and returns the match. */
export async function untilPrinted(lab: LabSettings, vm: string, pattern: RegExp): Promise<RegExpExecArray> {
  return waitWhileRunning(lab, vm, `the console of "${vm}" shows ${pattern}`, async () => {
    return pattern.exec(await consoleText(lab, vm)) ?? undefined;
  });
}

let commands = 0;

/** Types a command into the installer's shell: what it prints. */
export async function runInShell(lab: LabSettings, vm: string, command: string): Promise<string> {
  const id = `${process.pid}${commands++}`;
  const keyboard = createConnection(machinePaths(lab, vm).consoleSocket);
  await once(keyboard, 'connect');
  // The shell echoes what is typed: the marks are put together by the shell, so that the echo does not hold them.
  keyboard.write(`\necho be''gin-${id}; ${command}; echo en''d-${id}\n`);
  const printed = untilPrinted(lab, vm, new RegExp(`begin-${id}\\n([^]*?)end-${id}\\n`));
  const [, output = ''] = await printed.finally(() => keyboard.destroy());
  return output.trim();
}
