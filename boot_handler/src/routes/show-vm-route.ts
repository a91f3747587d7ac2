import type { Answer, Route } from '../http/answer.ts';
import { compactJsonAnswer } from '../http/answer.ts';
import type { Services } from '../services.ts';
import { requireEntry } from '../vms/find-vm.ts';
import { lastStatusOf, summarise } from '../vms/vm-summary.ts';

/** `GET /api/vms/<name>`: one VM, with its definition, the hardware it has reported, and the events of its last installation. */
export function showVmRoute({ vms, statuses, conflicts }: Services): Route {
  return async (request): Promise<Answer> => {
    const entry = await requireEntry(vms, request.params['name']);
    const { definition } = entry;
    const hardware = definition === undefined ? undefined : statuses.facts(definition.mac);
    const events = definition === undefined ? [] : statuses.events(definition.mac);
    const summary = summarise(entry, lastStatusOf(entry, statuses), await conflicts());
    return compactJsonAnswer({ ...summary, definition, hardware, events });
  };
}
