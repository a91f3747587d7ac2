import type { PublishedState } from '../../contract/published-state.ts';
import { parsePublishedState } from '../../contract/published-state.ts';
import { readIfThere } from '../../host/files.ts';
import type { Result } from '../../kit/fault.ts';

/** What vm_watcher has published.
 * @returns undefined when nothing is; the faults when the file does not hold a state
 * @throws HostError it is there and cannot be read */
export async function readPublishedState(file: string): Promise<Result<PublishedState> | undefined> {
  const text = await readIfThere(file, `the published state "${file}"`);
  return text === undefined ? undefined : parsePublishedState(text);
}
