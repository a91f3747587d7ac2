import type { Answer, Route } from '../http/answer.ts';
import { faultyError } from '../http/request-errors.ts';
import { parseRequestHost } from '../http/request-host.ts';
import { decideBoot } from '../render/boot-context.ts';
import type { Services } from '../services.ts';
import { renderBoot } from '../templates.ts';
import { requireMac, requireTarget } from '../vms/find-vm.ts';
import { isInstalled } from '../vms/is-installed.ts';

/** `GET /ipxe?mac=M`: the script that boots this VM. */
export function ipxeRoute(services: Services): Route {
  const { vms, images, templates } = services;
  return async (request): Promise<Answer> => {
    const host = parseRequestHost(request);
    const mac = requireMac(request.query['mac']);
    const { definition, entry } = await requireTarget(vms, mac);
    const [image, installed] = await Promise.all([
      images.list(definition.distro, definition.arch),
      isInstalled(services, definition, entry.file),
    ]);
    const decision = decideBoot(definition, image, host, installed);
    if (decision.kind === 'faulty') throw faultyError(`boot "${definition.name}"`, decision.faults);
    return {
      status: 200,
      type: 'text/plain',
      body: renderBoot(templates, decision),
      event: { message: 'ipxe sent', fields: { mac, vm: definition.name, boot: decision.kind } },
    };
  };
}
