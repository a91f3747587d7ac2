import { join } from 'node:path';

import { exists } from '@pxeboot/config/host/files';
import { siblingFile } from '@pxeboot/config/kit/definition-file';

import type { Answer, Route } from '../http/answer.ts';
import { jsonAnswer } from '../http/answer.ts';
import { faultyError } from '../http/request-errors.ts';
import { parseRequestHost } from '../http/request-host.ts';
import { installerConfigFor } from '../render/vm-installer-config.ts';
import type { Services } from '../services.ts';
import { requireMac, requireTarget } from '../vms/find-vm.ts';
import { readReinstallToken } from '../vms/reinstall-token.ts';

/** `GET /config/<mac>`: what the installer does to this VM. */
export function installerConfigRoute({ vms, images, vmsDir, access }: Services): Route {
  return async (request): Promise<Answer> => {
    const host = parseRequestHost(request);
    const mac = requireMac(request.params['mac']);
    const { definition, entry } = await requireTarget(vms, mac);
    await access.requireReader(request, definition, `send the installer config of "${definition.name}"`);
    const [image, stay, reinstallToken] = await Promise.all([
      images.list(definition.distro, definition.arch),
      exists(join(vmsDir, siblingFile(entry.file, '.noreboot'))),
      readReinstallToken(vmsDir, entry.file),
    ]);
    const config = installerConfigFor(definition, image, host, {
      stay,
      reinstallToken,
      statusToken: access.tokenFor(mac),
    });
    if (!config.ok) throw faultyError(`install "${definition.name}"`, config.faults);
    const fields = { mac, vm: definition.name, reboot: !stay };
    return { ...jsonAnswer(config.value), event: { message: 'config sent', fields } };
  };
}
