import type { Log } from '@pxeboot/config/host/log';

import type { Change } from '../decide/changes.ts';

/** One log line for each change. */
export function logChanges(log: Log, changes: readonly Change[]): void {
  for (const { level, message, fields } of changes) log[level](message, fields);
}
