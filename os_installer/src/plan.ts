import type { Distro } from './distro/distro.ts';
import type { Decisions, PlanInput } from './plan/decide.ts';
import { decide } from './plan/decide.ts';
import type { Step } from './steps/index.ts';
import { planSteps } from './steps/index.ts';

export interface InstallPlan {
  disk: string;
  /** Why this disk, and why no other. */
  diskReasons: string[];
  /** Why this one of several suitable disks; what is checked of the images, and what is not. */
  notes: string[];
  steps: Step[];
  /** What the steps are planned from. */
  decisions: Decisions;
}

/** Decides everything that an installation does; nothing is read or written here.
 * @throws InputError firmware or image cannot be served, or no disk is suitable */
export function planInstallation(input: PlanInput): InstallPlan {
  return planOf(decide(input));
}

/** The same installation for a system of another family. It has the same kinds of steps in the same order, and differs only in those that
 * come after unpacking. */
export function planForDistro({ decisions }: InstallPlan, distro: Distro): InstallPlan {
  return planOf({ ...decisions, distro });
}

function planOf(decisions: Decisions): InstallPlan {
  const { disk, diskReasons, notes } = decisions;
  return { disk, diskReasons, notes, steps: planSteps(decisions), decisions };
}
