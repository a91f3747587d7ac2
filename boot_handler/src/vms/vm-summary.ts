import type { AddressConflict } from '@pxeboot/config/contract/address-conflicts';
import { conflictsOf } from '@pxeboot/config/contract/address-conflicts';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { describeFault } from '@pxeboot/config/kit/fault';

import type { KeptEvent } from '../status/event-record.ts';
import type { StatusStore } from '../status/status-store.ts';
import { entryName } from './entry-name.ts';

/** What the API says of every file: of which VM it is, whether and since when it is in force, and what is wrong with it.
 * @param lastStatus the last event of the VM's last installation */
export function summarise(
  entry: PublishedEntry,
  lastStatus: KeptEvent | undefined,
  conflicts: readonly AddressConflict[],
): object {
  const { definition } = entry;
  return {
    name: entryName(entry),
    file: entry.file,
    state: entry.state,
    since: entry.since,
    faults: entry.faults.map(describeFault),
    role: definition?.role,
    arch: definition?.arch,
    mac: definition?.mac,
    ip: definition?.ip,
    ipv6: definition?.ipv6,
    distro: definition?.distro,
    pxeboot: definition?.pxeboot,
    address_conflict: conflictOf(definition, conflicts),
    lastStatus,
  };
}

/** Who else answers for an address of the VM. */
function conflictOf(
  definition: VmDefinition | undefined,
  conflicts: readonly AddressConflict[],
): Pick<AddressConflict, 'ip' | 'mac' | 'vm'> | undefined {
  const [conflict] = definition === undefined ? [] : conflictsOf(definition, conflicts);
  if (conflict === undefined) return undefined;
  const { ip, mac, vm } = conflict;
  return vm === undefined ? { ip, mac } : { ip, mac, vm };
}

/** The last event of the last installation of a file's VM. */
export function lastStatusOf({ definition }: PublishedEntry, statuses: StatusStore): KeptEvent | undefined {
  return definition === undefined ? undefined : statuses.events(definition.mac).at(-1);
}
