import type { Context } from '../../context.ts';
import { earlierNetwork } from '../../distro/earlier-network.ts';
import { matchingPaths } from './matching.ts';

/** Removes the network configuration of the machine that the image was made or used on.
 * @returns paths of what was there */
export async function removeEarlierNetwork(system: Context['system']): Promise<string[]> {
  const removed: string[] = [];
  for (const { pattern, belongs, instead } of earlierNetwork) {
    for (const path of await matchingPaths(system, pattern)) {
      const text = (await system.hasContent(path)) ? await system.read(path) : undefined;
      if (text === undefined || !belongs(text)) continue;
      await (instead === undefined ? system.remove(path) : system.write(path, instead));
      removed.push(path);
    }
  }
  return removed;
}
