import type { PublishedEntry } from '@pxeboot/config/published-state';
import { describeFault, showValue } from '@pxeboot/config/result';

import type { Answer, Route } from '../answer.ts';
import { jsonAnswer } from '../answer.ts';
import { RequestError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { StatusStore } from '../vms/status-store.ts';
import type { VmStore } from '../vms/vm-store.ts';

/** `GET /api/vms`: every file in the vms directory, whether in force, since when, and what is wrong with it. */
export function listVmsRoute({ vms, statuses }: Services): Route {
  return async () => jsonAnswer({ vms: (await vms.entries()).map((entry) => summary(entry, statuses)) });
}

/** The file that a name in a URL means: names of VMs have no case (RFC 4343), but two files may differ in nothing else.
 * @throws RequestError 404 */
export async function requireEntry(vms: VmStore, name: unknown): Promise<PublishedEntry> {
  const entries = await vms.entries();
  const lower = typeof name === 'string' ? name.toLowerCase() : name;
  const entry =
    entries.find((candidate) => nameOf(candidate) === name) ??
    entries.find((candidate) => nameOf(candidate).toLowerCase() === lower);
  if (entry !== undefined) return entry;
  throw new RequestError(404, `find the VM ${showValue(name)}: no file describes it; see /api/vms`);
}

/** `GET /api/vms/<name>`: one VM, with its definition, the hardware it has reported, and the events of its last installation. */
export function showVmRoute({ vms, statuses }: Services): Route {
  return async (request): Promise<Answer> => {
    const entry = await requireEntry(vms, request.params['name']);
    const { definition } = entry;
    const hardware = definition === undefined ? undefined : statuses.facts(definition.mac);
    const events = definition === undefined ? [] : statuses.events(definition.mac);
    return jsonAnswer({ ...summary(entry, statuses), definition, hardware, events });
  };
}

function summary(entry: PublishedEntry, statuses: StatusStore): object {
  const { definition } = entry;
  return {
    name: nameOf(entry),
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
    lastStatus: definition === undefined ? undefined : statuses.events(definition.mac).at(-1),
  };
}

/** The name of the VM that a file describes; of one that was never good its base name. */
export function nameOf(entry: PublishedEntry): string {
  return entry.definition?.name ?? entry.file.replace(/\.json$/i, '');
}
