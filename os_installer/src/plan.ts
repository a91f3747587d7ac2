import type { PlanInput } from './plan/decide.ts';
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
}

/** Decides everything that an installation does; nothing is read or written here.
 * @throws InputError distribution, firmware or image cannot be served, or no disk is suitable */
export function planInstallation(input: PlanInput): InstallPlan {
  const decisions = decide(input);
  const { disk, diskReasons, notes } = decisions;
  return { disk, diskReasons, notes, steps: planSteps(decisions) };
}
