import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { InputError } from '@pxeboot/config/kit/errors';

import { espType, rootType } from '../plan/disk-layout.ts';

/** The kernel must know what is going to be mounted: init(8) has loaded its modules, where there are any.
 * @param root what stands before /proc, for tests
 * @throws InputError it does not */
export async function requireFileSystems(root = ''): Promise<void> {
  const known = (await readFile(join(root, '/proc/filesystems'), 'utf8')).split(/\s+/);
  const missing = [rootType, espType].filter((name) => !known.includes(name));
  if (missing.length === 0) return;
  throw new InputError(
    `plan the installation: the kernel of this machine cannot mount ${missing.join(' and ')}; ` +
      'see that modules.cpio.gz is of this very kernel and has the modules for that',
  );
}
