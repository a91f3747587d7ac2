import type { Log } from '@pxeboot/config/host/log';
import { createLog } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';

import type { Context, Site } from '../../../src/context.ts';
import { readLogged } from '../../../src/fetch/logged.ts';
import { newSystemAt } from '../../../src/new-system.ts';
import { runCommand } from '../../../src/run-command.ts';

export interface ObservedInstallation extends Context {
  lines: string[];
}

/** An installation into a directory that remembers what was logged. Its ESP is ext4, and partitions appear as partx(8) adds them, since a test
 * machine's kernel may know neither FAT nor GPT, and its udev may not run.
 * @param given what is not nowhere */
export function installationInto(target: string, given: Partial<Site> = {}): ObservedInstallation {
  const lines: string[] = [];
  const log: Log = createLog('test', (line) => lines.push(line));
  return {
    site: {
      target,
      ownModules: '/nowhere',
      espType: 'ext4',
      efivars: '/nowhere',
      sysfs: '/nowhere',
      ownGrub: '/nowhere',
      ...given,
    },
    system: newSystemAt(target),
    log,
    lines,
    run: (command) => runCommand(command, log),
    read: (url) => readLogged(url, log),
    progress: () => undefined,
    warn: (message) => log.warn(message),
    settleDevices: async (disk) => {
      await run('partx', ['--update', disk], { timeoutMs: 10_000 });
    },
  };
}
