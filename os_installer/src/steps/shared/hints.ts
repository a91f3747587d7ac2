import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import { plannedSite } from '../../context.ts';

export const kernelLog = 'dmesg | tail';

/** Downloads a file and keeps nothing of it. */
export function fetchAgain(url: string): string {
  return quoteCommand('wget', ['-O', '/dev/null', url]);
}

/** Shows a path of the new system: a failed installation has unmounted what it had mounted.
 * @param root device of the root file system */
export function lookInside(root: string, path: string): string[] {
  const { target } = plannedSite;
  return [quoteCommand('mount', ['-o', 'ro', root, target]), quoteCommand('ls', ['-l', `${target}/${path}`])];
}
