import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { describeFault, shorten, showValue } from '@pxeboot/config/kit/result';

import type { Answer, Route } from '../http/answer.ts';
import { compactJsonAnswer } from '../http/answer.ts';
import { RequestError } from '../http/errors.ts';
import type { Services } from '../services.ts';
import type { KeptEvent } from '../status/event-record.ts';
import type { StatusStore } from '../status/status-store.ts';
import type { VmStore } from '../vms/vm-store.ts';

/** Characters of a guest's message in the list of all VMs. */
const listedMessage = 300;

/** `GET /api/vms`: every file in the vms directory, whether in force, since when, and what is wrong with it. */
export function listVmsRoute({ vms, statuses }: Pick<Services, 'vms' | 'statuses'>): () => Promise<Answer> {
  return async () => {
    const entries = await vms.entries();
    const listed = entries.map((entry) => summary(entry, brief(lastStatus(entry, statuses))));
    return { ...compactJsonAnswer({ vms: listed }), smaller: 'GET /api/vms/<name> shows one VM' };
  };
}

function lastStatus({ definition }: PublishedEntry, statuses: StatusStore): KeptEvent | undefined {
  return definition === undefined ? undefined : statuses.events(definition.mac).at(-1);
}

function brief(event: KeptEvent | undefined): KeptEvent | undefined {
  return event?.message === undefined ? event : { ...event, message: shorten(event.message, listedMessage) };
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
    return compactJsonAnswer({ ...summary(entry, lastStatus(entry, statuses)), definition, hardware, events });
  };
}

function summary(entry: PublishedEntry, event: KeptEvent | undefined): object {
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
    lastStatus: event,
  };
}

/** The name of the VM that a file describes; of one that was never good its base name. */
export function nameOf(entry: PublishedEntry): string {
  return entry.definition?.name ?? entry.file.replace(/\.json$/i, '');
}
