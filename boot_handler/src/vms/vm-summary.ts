import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { describeFault } from '@pxeboot/config/kit/fault';

import type { KeptEvent } from '../status/event-record.ts';
import type { StatusStore } from '../status/status-store.ts';
import { entryName } from './entry-name.ts';

/** What the API says of every file: of which VM it is, whether and since when it is in force, and what is wrong with it.
 * @param lastStatus the last event of the VM's last installation */
export function summarise(entry: PublishedEntry, lastStatus: KeptEvent | undefined): object {
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
    lastStatus,
  };
}

/** The last event of the last installation of a file's VM. */
export function lastStatusOf({ definition }: PublishedEntry, statuses: StatusStore): KeptEvent | undefined {
  return definition === undefined ? undefined : statuses.events(definition.mac).at(-1);
}
