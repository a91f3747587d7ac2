import type { RunningStack } from '../support/running-stack.ts';
import { eventually, saveVmByRename } from '../support/running-stack.ts';

/** Saves definitions one after the other. @returns milliseconds from the last save until DNS knows the last one */
export async function saveMany(stack: RunningStack, count: number): Promise<number> {
  for (let n = 0; n < count; n++)
    await saveVmByRename(stack.vmsDir, { name: `vm${n}`, mac: macOf(n), ip: addressOf(n) });
  const last = count - 1;
  const known = async () => (await stack.network.lookUp(`vm${last}.pvmlab.local`))[0] === addressOf(last);
  return eventually('all are known', known, 120_000);
}

function addressOf(n: number): string {
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}

function macOf(n: number): string {
  const hex = n.toString(16).padStart(6, '0');
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
}
