/** Measures the time from a saved definition to dnsmasq's answer: saved-to-answered.ts [FILE SYSTEM:DEFINITIONS…]
 * Needs root, as the integration tests do. */
import { once } from 'node:events';
import { join } from 'node:path';

import type { FileSystem } from '../support/mounted-directory.ts';
import { serverAddress } from '../support/guest-network.ts';
import { saveVmByRename, startStack } from '../support/running-stack.ts';
import { saveMany } from './save-many.ts';

const rounds = 20;

async function measure(fileSystem: FileSystem, count: number): Promise<void> {
  await using stack = await startStack({ fileSystem });
  const settledMs = await saveMany(stack, count);

  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const address = `192.168.105.${round + 2}`;
    const poller = stack.network.start(process.execPath, [
      join(import.meta.dirname, 'await-answer.ts'),
      serverAddress,
      'probe.pvmlab.local',
      address,
    ]);
    await once(poller.stdout ?? poller, 'data');
    const savedAt = performance.now();
    await saveVmByRename(stack.vmsDir, { name: 'probe', mac: '52:54:00:ff:00:01', ip: address });
    await once(poller, 'exit');
    times.push(performance.now() - savedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))] ?? 0);
  console.log(
    `${fileSystem}, ${count} definitions: median ${at(0.5)} ms, longest ${at(1)} ms (all at once: ${Math.round(settledMs)} ms after the last was written)`,
  );
}

const given = process.argv.slice(2);
for (const what of given.length > 0 ? given : ['local:200', 'local:10000', 'fuse:200', 'fuse:10000']) {
  const [fileSystem = '', count = ''] = what.split(':');
  await measure(fileSystem as FileSystem, Number(count));
}
