import { randomBytes } from 'node:crypto';

import type { SeedName } from '@pxeboot/config/contract/seed';
import { seedNames } from '@pxeboot/config/contract/seed';
import { showValue } from '@pxeboot/config/kit/text';

import type { Answer, Route } from '../http/answer.ts';
import { RequestError } from '../http/request-errors.ts';
import { cloudInitContext } from '../render/cloud-init-context.ts';
import type { Services } from '../services.ts';

/** `GET /cloud-init/<vm>/<file>`: one document of the VM's cloud-init seed. */
export function cloudInitRoute({ vms, templates, access }: Services): Route {
  return async (request): Promise<Answer> => {
    const { vm: name, file } = request.params;
    const seedName = requireSeedName(file);
    const record = typeof name === 'string' ? await vms.findByName(name.toLowerCase()) : undefined;
    if (record === undefined || record.definition.role === 'provisioner') {
      throw new RequestError(
        404,
        `find the VM ${showValue(name)}: no target has this name; save its definition as <name>.json`,
      );
    }
    const { definition } = record;
    await access.requireReader(request, definition, `send the seed of "${definition.name}"`);
    return {
      status: 200,
      type: seedName === 'user-data' || seedName === 'vendor-data' ? 'text/plain' : 'application/yaml',
      body: templates.seed[seedName](cloudInitContext(definition, randomBytes(6).toString('hex'))),
      event: { message: 'seed sent', fields: { vm: definition.name, file: seedName } },
    };
  };
}

function requireSeedName(file: unknown): SeedName {
  const name = seedNames.find((candidate) => candidate === file);
  if (name === undefined) {
    throw new RequestError(
      400,
      `read the request: ${showValue(file)} is no seed file; expected one of ${seedNames.join(', ')}`,
    );
  }
  return name;
}
