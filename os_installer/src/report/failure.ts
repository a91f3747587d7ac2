import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Step } from '../steps/index.ts';
import { stepHints } from '../steps/index.ts';
import { kernelLog } from '../steps/shared/hints.ts';

/** Where an installation failed: before there was a plan, or in one of its steps. */
export type FailurePoint = { kind: 'network' } | { kind: 'config'; url: string } | { kind: 'plan' } | Step;

/** Commands that a person is likely to type next in the installer's shell, the last one to try again.
 * @param root device of the root file system; empty before there is a plan */
export function nextCommands(point: FailurePoint, root: string): string[] {
  return [...commandsFor(point, root), 'os-installer'];
}

function commandsFor(point: FailurePoint, root: string): string[] {
  if (point.kind === 'network') return ['ip address', 'cat /proc/cmdline', kernelLog];
  if (point.kind === 'config') return ['ip route', quoteCommand('wget', ['-O', '-', point.url])];
  if (point.kind === 'plan') return ['cat /proc/partitions', 'os-installer --plan'];
  return stepHints(point, root);
}

/** The last words on the console.
 * @param next commands that a person is likely to type */
export function describeFailure(reason: string, logDirectory: string, next: readonly string[]): string {
  const suggestions = next.length === 0 ? [] : ['Likely next:', ...next.map((command) => `  ${command}`)];
  return ['', `INSTALLATION FAILED: ${reason}`, '', `Log and plan are in ${logDirectory}/.`, ...suggestions, ''].join(
    '\n',
  );
}
