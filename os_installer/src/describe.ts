import type { Place } from './commands.ts';
import { commandLines } from './command-lines.ts';
import type { InstallPlan } from './plan/plan.ts';
import type { Step, StepKind, StepOf } from './steps.ts';

const descriptions: { [Kind in StepKind]: (step: StepOf<Kind>) => string } = {
  partition: ({ disk }) => `partition ${disk} (GPT: ESP and root)`,
  'format-esp': ({ device }) => `format ${device} as FAT32`,
  'format-root': ({ device }) => `format ${device} as ext4`,
  'mount-root': ({ device }) => `mount ${device}`,
  unpack: ({ url }) => `unpack ${url}`,
  'install-kernel': ({ release }) => `install kernel ${release}`,
  'write-seed': () => 'write the cloud-init seed',
  'write-system': () => 'write fstab, host name and a blank identity',
  'mount-boot': ({ esp }) => `mount ${esp} and the kernel's file systems`,
  initramfs: ({ disk, when }) =>
    when === 'always'
      ? 'generate the initramfs'
      : `generate the initramfs unless there is a whole one with the drivers of ${disk}`,
  'boot-loader': () => 'install GRUB',
  verify: () => 'check the installed system',
  'write-marker': () => 'write the marker of this installation to the ESP',
  unmount: () => 'write everything out and unmount',
  'mark-installed': ({ disk }) => `mark ${disk} as installed`,
};

/** One line that says what a step does. */
export function describeStep<Kind extends StepKind>(step: StepOf<Kind>): string {
  // The table's type pairs each kind with its description; TypeScript cannot follow that through an index.
  return (descriptions[step.kind] as unknown as (step: Step) => string)(step);
}

/** The whole plan for people: the disk, then the steps, each with what it destroys.
 * @param place where it happens; with it each step's commands are told too */
export function describePlan(plan: InstallPlan, place?: Place): string {
  const steps = plan.steps.map((step, index) => {
    const destroys = 'destroys' in step ? `  (destroys all data on ${step.destroys})` : '';
    const commands = place === undefined ? [] : commandLines(step, place).map((line) => `         ${line}`);
    return [`[${index + 1}/${plan.steps.length}] ${describeStep(step)}${destroys}`, ...commands].join('\n');
  });
  const reasons = [...plan.diskReasons.map((reason) => `disk ${reason}`), ...plan.notes];
  return [...reasons, ...steps, ''].join('\n');
}

/** The last words on the console.
 * @param next commands that a person is likely to type */
export function describeFailure(reason: string, logDirectory: string, next: readonly string[]): string {
  const suggestions = next.length === 0 ? [] : ['Likely next:', ...next.map((command) => `  ${command}`)];
  return ['', `INSTALLATION FAILED: ${reason}`, '', `Log and plan are in ${logDirectory}/.`, ...suggestions, ''].join(
    '\n',
  );
}
