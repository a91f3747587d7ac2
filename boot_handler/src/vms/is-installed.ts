import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

import type { Services } from '../services.ts';
import { readReinstallToken } from './reinstall-token.ts';

/** With `install.once`: this VM has reported a success, and no reinstallation is asked for that it has not done.
 * After a restart of boot_handler nothing is known: the installer then looks at the disk itself.
 * @param file the definition's base name */
export async function isInstalled(
  { statuses, vmsDir }: Pick<Services, 'statuses' | 'vmsDir'>,
  { mac, install }: VmDefinition,
  file: string,
): Promise<boolean> {
  if (!install.once || !statuses.succeeded(mac)) return false;
  const token = await readReinstallToken(vmsDir, file);
  return token === '' || token === statuses.doneToken(mac);
}
