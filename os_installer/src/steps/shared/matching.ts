import type { NewSystem } from '../../new-system.ts';

/** Paths of the new system that match a pattern, sorted: a star stands for any characters of a name.
 * @param pattern without its first slash */
export async function matchingPaths(system: NewSystem, pattern: string): Promise<string[]> {
  let found = [''];
  for (const part of pattern.split('/')) {
    const below = await Promise.all(found.map(async (directory) => namesFor(system, directory, part)));
    found = below.flat();
  }
  return found;
}

async function namesFor(system: NewSystem, directory: string, part: string): Promise<string[]> {
  const before = directory === '' ? '' : `${directory}/`;
  if (part.includes('*')) {
    const name = new RegExp(`^${part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
    return (await system.list(directory)).filter((one) => name.test(one)).map((one) => `${before}${one}`);
  }
  // Also a link that leads nowhere is there.
  return (await system.list(directory)).includes(part) ? [`${before}${part}`] : [];
}
