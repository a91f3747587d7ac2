import { readFileSync, statSync } from 'node:fs';

import type { PublishedState } from '@pxeboot/config/contract/published-state';
import { parsePublishedState } from '@pxeboot/config/contract/published-state';
import type { Log } from '@pxeboot/config/host/log';
import { describeError, HostError } from '@pxeboot/config/kit/errors';
import { describeFault } from '@pxeboot/config/kit/fault';

/** Reads vm_watcher's published state whenever the file has changed.
 * @returns gives the last state that could be read, the same object until there is another; undefined before the first. It costs
 * one synchronous stat: the file lies in the container's own /run, never on a share. */
export function createPublishedReader(stateFile: string, log: Log): () => PublishedState | undefined {
  let stamp: string | undefined;
  let latest: PublishedState | undefined;

  return () => {
    const before = stamp;
    stamp = stampOf(stateFile);
    if (stamp === before || stamp === undefined) return latest;
    try {
      latest = readState(stateFile);
    } catch (error) {
      log.warn('published state not used', { reason: describeError(error) });
    }
    return latest;
  };
}

/** Differs for each published state; undefined while there is none. */
function stampOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
}

function readState(file: string): PublishedState {
  const state = parsePublishedState(readFileSync(file, 'utf8'));
  if (!state.ok) throw new HostError(state.faults.map(describeFault).join(' '));
  return state.value;
}
