import type { Site } from '../context.ts';
import type { InstallPlan } from '../plan.ts';
import { describeStep, stepLines } from '../steps/index.ts';

/** The whole plan for people: the disk, then the steps, each with what it destroys.
 * @param site where it happens; with it each step's commands are told too */
export function describePlan(plan: InstallPlan, site?: Site): string {
  const steps = plan.steps.map((step, index) => {
    const destroys = 'destroys' in step ? `  (destroys all data on ${step.destroys})` : '';
    const lines = site === undefined ? [] : stepLines(step, site).map((line) => `         ${line}`);
    return [`[${index + 1}/${plan.steps.length}] ${describeStep(step)}${destroys}`, ...lines].join('\n');
  });
  const reasons = [...plan.diskReasons.map((reason) => `disk ${reason}`), ...plan.notes];
  return [...reasons, ...steps, ''].join('\n');
}
