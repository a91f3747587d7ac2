import { join } from 'node:path';

import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import { seedNames } from '@pxeboot/config/contract/seed';
import type { ImageFiles } from '@pxeboot/config/definitions/image-choice';
import { planInstallation } from '@pxeboot/os-installer/plan';
import { assumedHardware } from '@pxeboot/os-installer/plan/assumed-hardware';
import { requiredBytes } from '@pxeboot/os-installer/plan/disk-layout';
import { describeStep, stepLines } from '@pxeboot/os-installer/steps/index';

import type { Answer, Route } from '../http/answer.ts';
import { compactJsonAnswer } from '../http/answer.ts';
import { faultyError, RequestError } from '../http/request-errors.ts';
import { parseRequestHost } from '../http/request-host.ts';
import { installerConfigFor } from '../render/vm-installer-config.ts';
import type { Services } from '../services.ts';
import { requireEntry } from '../vms/find-vm.ts';
import { readImageSources } from '../vms/image-sources.ts';

/** Chosen anew at each installation. */
const shownIds = { rootUuid: '00000000-0000-0000-0000-000000000000', espVolumeId: '00000000' };
const idsAssumption = 'the identifiers of the new file systems are shown as zeros; each installation chooses new ones';

/** `GET /api/vms/<name>/plan`: what an installation would do, by the installer's own plan, for the hardware that the VM has
 * reported last or, before that, for one assumed virtio disk. */
export function planRoute({ vms, images, imagesDir, statuses }: Services): Route {
  return async (request): Promise<Answer> => {
    const host = parseRequestHost(request);
    const { definition, file } = await requireEntry(vms, request.params['name']);
    if (definition === undefined) throw new RequestError(409, `plan "${file}": it is not in force; see /api/vms`);
    if (definition.role === 'provisioner' || !definition.pxeboot) {
      const why = definition.role === 'provisioner' ? 'it is the provisioner' : '"pxeboot" is not true';
      throw new RequestError(409, `plan "${definition.name}": it is not installed over the network: ${why}`);
    }
    const image = await images.list(definition.distro, definition.arch);
    const config = installerConfigFor(definition, image, host, { stay: false, reinstallToken: '' });
    if (!config.ok) throw faultyError(`plan "${definition.name}"`, config.faults);
    const directory = join(imagesDir, config.value.distro, definition.arch);
    const sources = await readImageSources(directory, config.value.rootfs_url);
    const { hardware, assumptions } = knownHardware(statuses.facts(definition.mac), () =>
      assumedHardware(config.value.disk, requiredBytes(sources)),
    );
    const seed = seedNames.map((name) => ({ name, content: '' }));
    const plan = planInstallation({ config: config.value, hardware, sources: { ...sources, seed }, ids: shownIds });
    const steps = plan.steps.map((step, index) => ({
      number: index + 1,
      kind: step.kind,
      title: describeStep(step),
      destroys: 'destroys' in step ? step.destroys : undefined,
      commands: stepLines(step),
    }));
    const { disk, diskReasons, notes } = plan;
    const content = {
      vm: definition.name,
      assumptions: [...assumptions, idsAssumption],
      disk,
      diskReasons,
      notes: [...notes, ...imageNotes(image)],
      steps,
    };
    return { ...compactJsonAnswer(content), event: { message: 'plan sent', fields: { vm: definition.name, disk } } };
  };
}

/** What the server has found in the image, next to what the installer will see of it. */
function imageNotes({ inspected }: ImageFiles): string[] {
  if (inspected === undefined) return ['the image has not been inspected yet; see /api/images'];
  return inspected.warnings.map(({ problem, fix }) => `${problem}; ${fix}`);
}

function knownHardware(
  reported: HardwareFacts | undefined,
  assume: () => HardwareFacts,
): { hardware: HardwareFacts; assumptions: string[] } {
  if (reported !== undefined) return { hardware: reported, assumptions: [] };
  const why = 'this VM has reported no hardware since boot_handler started';
  return { hardware: assume(), assumptions: [`${why}: one virtio disk is assumed, with what install.disk asks for`] };
}
