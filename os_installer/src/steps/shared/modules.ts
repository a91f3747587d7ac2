import type { NewSystem } from '../../new-system.ts';
import { moduleIn } from '../../initramfs/parse/format.ts';

/** Where a system has the modules of a kernel, as its programs look for them: below /usr where /lib is a link to there. */
export function modulesPath(release: string): string {
  return `lib/modules/${release}`;
}

/** True when a kernel's modules have an index of depmod(8): without one no module of it loads. */
export async function hasModulesIndex(system: NewSystem, release: string): Promise<boolean> {
  const directory = modulesPath(release);
  return (
    (await system.hasContent(`${directory}/modules.dep`)) || (await system.hasContent(`${directory}/modules.dep.bin`))
  );
}

/** Names of the modules that a system's kernel has built in, by the list that its package brings (modules.builtin). */
export async function builtInModules(system: NewSystem, release: string): Promise<ReadonlySet<string>> {
  const list = (await system.read(`${modulesPath(release)}/modules.builtin`)) ?? '';
  const names = list.split('\n').map((path) => moduleIn(`${modulesPath(release)}/${path}`, release));
  return new Set(names.filter((name) => name !== undefined));
}

/** The modules that an index of depmod(8) names, by their paths in that directory.
 * @param index text of modules.dep */
export function indexedModules(index: string): string[] {
  return index.split('\n').flatMap((line) => /^([^#:][^:]*):/.exec(line)?.[1] ?? []);
}
