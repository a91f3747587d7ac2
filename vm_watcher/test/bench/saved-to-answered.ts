/** Measures the time from a saved definition to dnsmasq's answer: saved-to-answered.ts [DEFINITIONS…]
 * Needs root, as the integration tests do. */
import { once } from 'node:events';
import { join } from 'node:path';

import { eventually, saveVm, saveVmByRename, startStack } from '../support/running-stack.ts';
import { serverAddress } from '../support/network.ts';

const rounds = 20;

async function measure(count: number): Promise<void> {
  await using stack = await startStack();
  for (let n = 0; n < count; n++) {
    const name = `vm${n}`;
    await saveVm(stack.vmsDir, { name, mac: macOf(n), ip: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` });
  }
  const last = `10.0.${((count - 1) >> 8) & 255}.${(count - 1) & 255}`;
  const known = async () => (await stack.network.lookUp(`vm${count - 1}.pvmlab.local`))[0] === last;
  const settledMs = await eventually('all are known', known, 60_000);

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
    `${count} definitions: median ${at(0.5)} ms, longest ${at(1)} ms (all at once: ${Math.round(settledMs)} ms after the last was written)`,
  );
}

function macOf(n: number): string {
  const hex = n.toString(16).padStart(6, '0');
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [200]) await measure(count);
