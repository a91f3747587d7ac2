import type { Answer, Route } from '../answer.ts';
import { RequestError } from '../errors.ts';
import { decideBoot } from '../render/boot-context.ts';
import { parseRequestHost } from '../request-host.ts';
import type { Services } from '../services.ts';
import { requireMac, requireTarget } from './find-vm.ts';

/** `GET /ipxe?mac=M`: the script that boots this VM. */
export function ipxeRoute({ vms, images, templates }: Services): Route {
  return async (request): Promise<Answer> => {
    const host = parseRequestHost(request.headers.host);
    const mac = requireMac(request.query['mac']);
    const { definition } = await requireTarget(vms, mac);
    const decision = decideBoot(definition, await images.list(definition.distro, definition.arch), host);
    if (decision.kind === 'blocked') {
      const reasons = decision.blockers.map(({ problem, fix }) => `${problem}; ${fix}`).join('\n');
      throw new RequestError(409, `boot "${definition.name}": ${reasons}`);
    }
    return {
      status: 200,
      type: 'text/plain',
      body: templates[decision.kind](decision.context),
      event: { message: 'ipxe sent', fields: { mac, vm: definition.name, boot: decision.kind } },
    };
  };
}
