import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { HostError } from '@pxeboot/config/errors';
import { run } from '@pxeboot/config/run';

import type { Installation } from '../installation.ts';
import type { StepOf } from '../steps.ts';

const nodeTimeoutMs = 30_000;

/** Writes the partition table in place of whatever the disk held, and waits for the partitions' device nodes. */
export async function partition(step: StepOf<'partition'>, installation: Installation): Promise<void> {
  const { log, settleDevices } = installation;
  const args = ['--quiet', '--lock', '--wipe', 'always', '--wipe-partitions', 'always', step.disk];
  await run('sfdisk', args, { timeoutMs: 60_000, input: step.script, log });
  await settleDevices(step.disk);
  await Promise.all(step.partitions.map((path) => waitForNode(path)));
}

/** Waits until udev has handled what the kernel has announced. */
export async function settleUdev(): Promise<void> {
  await run('udevadm', ['settle', '--timeout=30'], { timeoutMs: 40_000 });
}

/** @throws HostError it does not appear in time */
export async function waitForNode(path: string): Promise<void> {
  const deadline = Date.now() + nodeTimeoutMs;
  for (;;) {
    try {
      await access(path);
      return;
    } catch (cause) {
      if (Date.now() > deadline) {
        throw new HostError(`wait for the partition "${path}": it did not appear within ${nodeTimeoutMs} ms`, {
          cause,
        });
      }
      await sleep(100);
    }
  }
}

/** Gives the root partition its final name: only now is the disk an installed one. */
export async function markInstalled(
  step: StepOf<'mark-installed'>,
  { log }: Installation,
  name: string,
): Promise<void> {
  const args = ['--quiet', '--lock', '--part-label', step.disk, String(step.partition), name];
  await run('sfdisk', args, { timeoutMs: 60_000, log });
  await run('sync', [], { timeoutMs: 120_000 });
}
