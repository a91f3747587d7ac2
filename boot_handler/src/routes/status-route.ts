import { parseStatusEvent } from '@pxeboot/config/contract/status-event';
import { describeFault } from '@pxeboot/config/kit/fault';
import { shorten } from '@pxeboot/config/kit/text';

import type { Answer, Route } from '../http/answer.ts';
import { RequestError } from '../http/request-errors.ts';
import type { Services } from '../services.ts';
import { burst, createReportLimit, perSecond } from '../status/report-limit.ts';
import { requireMac, requireTarget } from '../vms/find-vm.ts';

/** Characters of a guest's message in a line of the log. */
const loggedMessage = 1_000;

/** `POST /status/<mac>`: one event of one installation, kept and logged. */
export function statusRoute({ vms, statuses, access }: Services): Route {
  const limit = createReportLimit();
  return async (request): Promise<Answer> => {
    const mac = requireMac(request.params['mac']);
    const { definition } = await requireTarget(vms, mac);
    const what = `take a report of "${definition.name}"`;
    await access.requireReporter(request, definition, what);
    const judgement = limit.judge(mac, performance.now());
    if (judgement !== 'taken') throw tooMany(what, judgement === 'refused');
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

function tooMany(what: string, quiet: boolean): RequestError {
  const message = `${what}: it has sent more than ${burst} at once and ${perSecond} each second; send fewer`;
  return new RequestError(429, message, { quiet });
}
