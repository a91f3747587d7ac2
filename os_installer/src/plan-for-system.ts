import { parseOsRelease } from '@pxeboot/config/kit/os-release';

import { requireDistro } from './distro/detect.ts';
import type { NewSystem } from './new-system.ts';
import type { InstallPlan } from './plan.ts';
import { planForDistro } from './plan.ts';
import { readOsRelease } from './steps/shared/os-release.ts';

/** The plan for what has been unpacked: its os-release has the last word about its family, since a plan may be made before anybody has looked
 * into the image.
 * @returns undefined when the plan is right as it is
 * @throws InputError no root file system was unpacked, or one of no family that can be installed */
export async function planForSystem(plan: InstallPlan, system: NewSystem): Promise<InstallPlan | undefined> {
  const distro = requireDistro(parseOsRelease(await readOsRelease(system)));
  return distro.family === plan.decisions.distro.family ? undefined : planForDistro(plan, distro);
}
