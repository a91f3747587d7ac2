import type { Log } from '@pxeboot/config/host/log';
import { createLog } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';

import type { Installation } from '../../../src/installation.ts';

export interface ObservedInstallation extends Installation {
  lines: string[];
}

/** An installation into a directory that remembers what was logged. Its ESP is ext4, and partitions appear as partx(8) adds them, since a test
 * machine's kernel may know neither FAT nor GPT, and its udev may not run. */
export function installationInto(target: string, ownModules = '/nowhere'): ObservedInstallation {
  const lines: string[] = [];
  const log: Log = createLog('test', (line) => lines.push(line));
  return {
    target,
    log,
    ownModules,
    espType: 'ext4',
    efivars: '/nowhere',
    sysfs: '/nowhere',
    lines,
    progress: () => undefined,
    warn: (message) => log.warn(message),
    settleDevices: async (disk) => {
      await run('partx', ['--update', disk], { timeoutMs: 10_000 });
    },
  };
}
