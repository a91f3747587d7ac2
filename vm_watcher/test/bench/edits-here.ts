/** Measures every edit (edits.ts) with a stack of this machine's own: edits-here.ts [FILE SYSTEM[:VMS_WATCH]…]
 * Needs root, as the integration tests do. */
import { join } from 'node:path';

import type { WatchSetting } from '@pxeboot/config/contract/environment';

import type { FileSystem } from '../support/mounted-directory.ts';
import { startHandlerProcess } from '../support/handler-process.ts';
import { startStack } from '../support/running-stack.ts';
import { formatFigures, measureEdits } from './edits.ts';

const rounds = 5;

async function measure(fileSystem: FileSystem, watch: WatchSetting): Promise<void> {
  await using stack = await startStack({ fileSystem, watch });
  await using handler = await startHandlerProcess(stack);
  const hosts = join(stack.outDir, 'dns-hosts');
  const figures = await measureEdits({ vms: stack.vmsDir, url: handler.url, hosts, rounds });
  console.log(`${fileSystem}, VMS_WATCH=${watch}: median (longest) of ${rounds}, seconds\n${formatFigures(figures)}\n`);
}

const given = process.argv.slice(2);
for (const what of given.length > 0 ? given : ['local', 'tmpfs', 'fuse', 'local:poll']) {
  const [fileSystem = '', watch = 'auto'] = what.split(':');
  await measure(fileSystem as FileSystem, watch as WatchSetting);
}
