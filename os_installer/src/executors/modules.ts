import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a system has the modules of a kernel. */
export function modulesPath(release: string): string {
  return `usr/lib/modules/${release}`;
}

/** True when a directory of modules has an index of depmod(8): without one no module of it loads. */
export async function hasModulesIndex(directory: string): Promise<boolean> {
  return (await hasContent(join(directory, 'modules.dep'))) || (await hasContent(join(directory, 'modules.dep.bin')));
}

/** True when there is a file and it is not empty. */
export async function hasContent(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.size > 0,
    () => false,
  );
}
