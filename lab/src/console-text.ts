import { readFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';

import type { LabSettings } from './decide/settings.ts';
import { machinePaths } from './vm-files.ts';

/** What a VM has printed on its serial console since it was powered on, without the firmware's cursor movements. */
export async function consoleText(lab: LabSettings, vm: string): Promise<string> {
  const text = await readFile(machinePaths(lab, vm).consoleLog, 'latin1').catch(() => '');
  return stripVTControlCharacters(text).replaceAll('\r', '');
}
