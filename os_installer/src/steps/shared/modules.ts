import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { readIfThere } from '@pxeboot/config/host/files';

import { moduleIn } from '../../initramfs/parse/format.ts';

/** Where a system has the modules of a kernel. */
export function modulesPath(release: string): string {
  return `usr/lib/modules/${release}`;
}

/** True when a directory of modules has an index of depmod(8): without one no module of it loads. */
export async function hasModulesIndex(directory: string): Promise<boolean> {
  return (await hasContent(join(directory, 'modules.dep'))) || (await hasContent(join(directory, 'modules.dep.bin')));
}

/** Names of the modules that a system's kernel has built in, by the list that its package brings (modules.builtin). */
export async function builtInModules(target: string, release: string): Promise<ReadonlySet<string>> {
  const list = (await readIfThere(join(target, modulesPath(release), 'modules.builtin'))) ?? '';
  const names = list.split('\n').map((path) => moduleIn(`${modulesPath(release)}/${path}`, release));
  return new Set(names.filter((name) => name !== undefined));
}

/** The modules that an index of depmod(8) names, by their paths in that directory. */
export async function indexedModules(directory: string): Promise<string[]> {
  const index = (await readIfThere(join(directory, 'modules.dep'))) ?? '';
  return index.split('\n').flatMap((line) => /^([^#:][^:]*):/.exec(line)?.[1] ?? []);
}

/** True when there is a file and it is not empty. */
export async function hasContent(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.size > 0,
    () => false,
  );
}
