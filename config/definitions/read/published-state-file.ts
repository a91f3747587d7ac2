import { readFile } from 'node:fs/promises';

import { HostError, isErrno } from '../../kit/errors.ts';
import type { PublishedState } from '../../contract/published-state.ts';
import { parsePublishedState } from '../../contract/published-state.ts';
import type { Result } from '../../kit/result.ts';

/** What vm_watcher has published.
 * @returns undefined when nothing is; the faults when the file does not hold a state
 * @throws HostError it is there and cannot be read */
export async function readPublishedState(file: string): Promise<Result<PublishedState> | undefined> {
  try {
    return parsePublishedState(await readFile(file, 'utf8'));
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined;
    throw new HostError(`read the published state "${file}"`, { cause });
  }
}
