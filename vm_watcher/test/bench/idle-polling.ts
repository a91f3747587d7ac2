/** Measures the processor time of an idle, polling vm_watcher: idle-polling.ts [FILE SYSTEM:DEFINITIONS…]
 * Needs root, as the integration tests do. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FileSystem } from '../support/mounted-directory.ts';
import { startStack } from '../support/running-stack.ts';
import { saveMany } from './save-many.ts';

const settleMs = 15_000;
const measuredMs = 20_000;
/** Of /proc/PID/stat: `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

async function measure(fileSystem: FileSystem, count: number): Promise<void> {
  await using stack = await startStack({ fileSystem, watch: 'poll' });
  await saveMany(stack, count);
  // A file is compared by content at every poll while it is new.
  await sleep(settleMs);
  const before = await cpuSeconds(stack.watcherPid());
  await sleep(measuredMs);
  const share = ((await cpuSeconds(stack.watcherPid())) - before) / (measuredMs / 1000);
  console.log(`${fileSystem}, ${count} definitions: ${(100 * share).toFixed(1)} % of one core`);
}

async function cpuSeconds(pid: number): Promise<number> {
  const [, user = 0, system = 0] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return (Number(user) + Number(system)) / ticksPerSecond;
}

const given = process.argv.slice(2);
for (const what of given.length > 0 ? given : ['local:200', 'local:10000', 'fuse:200', 'fuse:10000']) {
  const [fileSystem = '', count = ''] = what.split(':');
  await measure(fileSystem as FileSystem, Number(count));
}
