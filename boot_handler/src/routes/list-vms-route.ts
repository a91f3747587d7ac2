import { shorten } from '@pxeboot/config/kit/text';

import type { Answer } from '../http/answer.ts';
import { compactJsonAnswer } from '../http/answer.ts';
import type { Services } from '../services.ts';
import type { KeptEvent } from '../status/event-record.ts';
import { lastStatusOf, summarise } from '../vms/vm-summary.ts';

/** Characters of a guest's message in the list of all VMs. */
const listedMessage = 300;

/** `GET /api/vms`: every file in the vms directory, whether in force, since when, and what is wrong with it. */
export function listVmsRoute({
  vms,
  statuses,
  conflicts,
}: Pick<Services, 'vms' | 'statuses' | 'conflicts'>): () => Promise<Answer> {
  return async () => {
    const [entries, known] = await Promise.all([vms.entries(), conflicts()]);
    const listed = entries.map((entry) => summarise(entry, brief(lastStatusOf(entry, statuses)), known));
    return { ...compactJsonAnswer({ vms: listed }), smaller: 'GET /api/vms/<name> shows one VM' };
  };
}

function brief(event: KeptEvent | undefined): KeptEvent | undefined {
  return event?.message === undefined ? event : { ...event, message: shorten(event.message, listedMessage) };
}
