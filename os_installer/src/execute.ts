import { describeError } from '@pxeboot/config/kit/errors';

import type { Context } from './context.ts';
import { readLogged } from './fetch/logged.ts';
import { newSystemAt } from './new-system.ts';
import type { Reporter } from './report/reporter.ts';
import { runCommand } from './run-command.ts';
import type { Step } from './steps/index.ts';
import { describeStep, runStep } from './steps/index.ts';
import { unmountAll } from './steps/shared/mounts.ts';

/** Who learns how it goes on. */
export interface Listeners {
  reporter: Reporter;
  /** Told which step failed. */
  failed(step: Step): void;
  /** Asked after each step whether others are to follow it.
   * @returns all steps, with as many before; undefined: they stay */
  finished?(step: Step, context: Pick<Context, 'system' | 'warn'>): Promise<readonly Step[] | undefined>;
}

/** Carries out the steps in order and reports each: started, then finished or failed. Stops at the first failure.
 * Only the last step makes the disk start: one that fails leaves a disk that does not.
 * Programs that they run, and downloads that are interrupted, go to the log; progress and warnings to the reporter too.
 * @throws what the failed step threw; the target is then unmounted, as far as that goes */
export async function execute(
  planned: readonly Step[],
  { site, log, settleDevices }: Pick<Context, 'site' | 'log' | 'settleDevices'>,
  { reporter, failed, finished }: Listeners,
): Promise<void> {
  const run: Context['run'] = (command) => runCommand(command, log);
  const read: Context['read'] = (url) => readLogged(url, log);
  const system = newSystemAt(site.target);
  let steps = planned;
  for (const [index] of planned.entries()) {
    const step = steps[index];
    if (step === undefined) return;
    const title = describeStep(step);
    const number = `[${index + 1}/${steps.length}]`;
    const startedAt = performance.now();
    const warn: Context['warn'] = (message) => {
      log.warn(message);
      reporter.report({ step: step.kind, state: 'progress', message: `warning: ${message}` });
    };
    log.info(`${number} started: ${title}`);
    reporter.report({ step: step.kind, state: 'started', message: title });
    try {
      await runStep(step, {
        ...{ site, system, log, settleDevices, run, read, warn },
        progress: (bytes, total) => reporter.progress(step.kind, bytes, total),
      });
      steps = (await finished?.(step, { system, warn })) ?? steps;
    } catch (error) {
      log.error(`${number} failed: ${title}`, { ms: since(startedAt) });
      failed(step);
      reporter.report({ step: step.kind, state: 'failed', ms: since(startedAt), message: describeError(error) });
      await unmountAll(site.target, run).catch((cause: unknown) =>
        log.warn('unmount', { reason: describeError(cause) }),
      );
      throw error;
    }
    log.info(`${number} finished: ${title}`, { ms: since(startedAt) });
    reporter.report({ step: step.kind, state: 'finished', ms: since(startedAt) });
  }
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
