import { InputError } from '@pxeboot/config/kit/errors';

import type { NewSystem } from '../../new-system.ts';

/** The text of the new system's os-release; os-release(5): the one in /usr/lib where /etc has none.
 * @throws InputError it has none: this is no root file system */
export async function readOsRelease(system: NewSystem): Promise<string> {
  const text = (await system.read('etc/os-release')) ?? (await system.read('usr/lib/os-release'));
  if (text !== undefined) return text;
  throw new InputError('read /etc/os-release of what was unpacked: it has none, so it is no root file system');
}
