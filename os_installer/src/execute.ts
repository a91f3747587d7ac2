import { describeError } from '@pxeboot/config/kit/errors';

import { describeStep } from './describe.ts';
import { installBootLoader, verify } from './executors/boot-loader.ts';
import { formatEsp, formatRoot } from './executors/format.ts';
import { makeInitramfs } from './executors/initramfs.ts';
import { installKernel } from './executors/kernel.ts';
import { markInstalled } from './executors/mark-installed.ts';
import { writeMarker } from './executors/marker.ts';
import { mountBoot, mountRoot, unmount, unmountAll } from './executors/mounts.ts';
import { partition } from './executors/partition.ts';
import { writeSeed, writeSystem } from './executors/system-files.ts';
import { unpack } from './executors/unpack.ts';
import type { Executor, Installation } from './installation.ts';
import type { Reporter } from './report/reporter.ts';
import type { Step, StepKind, StepOf } from './steps.ts';

/** One executor for each kind of step: a kind without one does not compile. */
const executors: { [Kind in StepKind]: Executor<StepOf<Kind>> } = {
  partition,
  'format-esp': formatEsp,
  'format-root': formatRoot,
  'mount-root': mountRoot,
  unpack,
  'install-kernel': installKernel,
  'write-seed': writeSeed,
  'write-system': writeSystem,
  'mount-boot': mountBoot,
  initramfs: makeInitramfs,
  'boot-loader': installBootLoader,
  verify,
  'write-marker': writeMarker,
  unmount,
  'mark-installed': markInstalled,
};

export interface Surroundings extends Omit<Installation, 'progress' | 'warn'> {
  reporter: Reporter;
  /** Told which step failed. */
  failed(step: Step): void;
}

/** Carries out the steps in order and reports each: started, then finished or failed. Stops at the first failure.
 * Only the last step makes the disk start: one that fails leaves a disk that does not.
 * @throws what the failed step threw; the target is then unmounted, as far as that goes */
export async function execute(steps: readonly Step[], surroundings: Surroundings): Promise<void> {
  const { target, log, reporter, failed, ...machine } = surroundings;
  for (const [index, step] of steps.entries()) {
    const title = describeStep(step);
    const number = `[${index + 1}/${steps.length}]`;
    const startedAt = performance.now();
    log.info(`${number} started: ${title}`);
    reporter.report({ step: step.kind, state: 'started', message: title });
    try {
      await executeStep(step, {
        ...{ target, log, ...machine },
        progress: (bytes, total) => reporter.progress(step.kind, bytes, total),
        warn: (message) => {
          log.warn(message);
          reporter.report({ step: step.kind, state: 'progress', message: `warning: ${message}` });
        },
      });
    } catch (error) {
      log.error(`${number} failed: ${title}`, { ms: since(startedAt) });
      failed(step);
      reporter.report({ step: step.kind, state: 'failed', ms: since(startedAt), message: describeError(error) });
      await unmountAll(target).catch((cause: unknown) => log.warn('unmount', { reason: describeError(cause) }));
      throw error;
    }
    log.info(`${number} finished: ${title}`, { ms: since(startedAt) });
    reporter.report({ step: step.kind, state: 'finished', ms: since(startedAt) });
  }
}

async function executeStep<Kind extends StepKind>(step: StepOf<Kind>, installation: Installation): Promise<void> {
  // The table's type pairs each kind with its executor; TypeScript cannot follow that through an index.
  const executor = executors[step.kind] as unknown as Executor<StepOf<Kind>>;
  await executor(step, installation);
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
