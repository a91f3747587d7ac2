import { dirname, join } from 'node:path';

import type { AddressConflict } from '../../contract/address-conflicts.ts';
import { addressConflictsFile, parseAddressConflicts } from '../../contract/address-conflicts.ts';
import { readIfThere } from '../../host/files.ts';
import { HostError } from '../../kit/errors.ts';
import { describeFault } from '../../kit/fault.ts';

/** The addresses that answer with another MAC, as vm_watcher has published them next to its state; none when nothing is published.
 * @param stateFile the published state
 * @throws HostError the file is there and cannot be read */
export async function readAddressConflicts(stateFile: string): Promise<AddressConflict[]> {
  const file = join(dirname(stateFile), addressConflictsFile);
  const text = await readIfThere(file, `the address conflicts "${file}"`);
  const read = text === undefined ? undefined : parseAddressConflicts(text);
  if (read?.ok === false) throw new HostError(`read "${file}": ${read.faults.map(describeFault).join(' ')}`);
  return read?.value ?? [];
}
