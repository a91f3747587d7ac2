import type { Log } from '@pxeboot/config/log';
import { createLog } from '@pxeboot/config/log';
import { run } from '@pxeboot/config/run';

import type { Installation } from '../../../src/installation.ts';

export interface ObservedInstallation extends Installation {
  lines: string[];
}

/** An installation into a directory that remembers what was logged. Partitions appear as partx(8) adds them, since a test
 * machine's kernel may know no GPT and its udev may not run. */
export function installationInto(target: string, ownModules = '/nowhere'): ObservedInstallation {
  const lines: string[] = [];
  const log: Log = createLog('test', (line) => lines.push(line));
  return {
    target,
    log,
    ownModules,
    lines,
    progress: () => undefined,
    settleDevices: async (disk) => {
      await run('partx', ['--update', disk], { timeoutMs: 10_000 });
    },
  };
}
