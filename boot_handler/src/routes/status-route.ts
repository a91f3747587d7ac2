import { parseStatusEvent } from '@pxeboot/config/contract/status-event';
import { describeFault } from '@pxeboot/config/kit/fault';
import { shorten } from '@pxeboot/config/kit/text';

import type { Answer, Route } from '../http/answer.ts';
import { RequestError } from '../http/request-errors.ts';
import type { Services } from '../services.ts';
import { requireMac, requireTarget } from '../vms/find-vm.ts';

/** Characters of a guest's message in a line of the log. */
const loggedMessage = 1_000;

/** `POST /status/<mac>`: one event of one installation, kept and logged. */
export function statusRoute({ vms, statuses }: Services): Route {
  return async (request): Promise<Answer> => {
    const mac = requireMac(request.params['mac']);
    const { definition } = await requireTarget(vms, mac);
    const body: unknown = request.body;
    const event = parseStatusEvent(`POST /status/${mac}`, typeof body === 'string' ? body : '');
    if (!event.ok) throw new RequestError(400, event.faults.map(describeFault).join('\n'));
    statuses.add(mac, event.value);
    const { seq, step, state, ms, bytes, total } = event.value;
    const message = event.value.message === undefined ? undefined : shorten(event.value.message, loggedMessage);
    const fields = { mac, vm: definition.name, seq, step, state, took: ms, bytes, total, message };
    return {
      status: 204,
      type: 'text/plain',
      body: '',
      event: { message: 'status', ...(state === 'failed' ? { level: 'warn' as const } : {}), fields },
    };
  };
}
