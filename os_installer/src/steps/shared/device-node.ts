import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { describeError, HostError, isErrno } from '@pxeboot/config/kit/errors';

import type { Context } from '../../context.ts';
import type { Command } from './command.ts';

const attempts = 3;
const nodeTimeoutMs = 30_000;

/** Waits for a device's node.
 * @throws HostError it does not appear in time */
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

/** Runs a command that needs a device's node. */
export async function runOnNode(
  device: string,
  command: Command,
  { run, log }: Pick<Context, 'run' | 'log'>,
): Promise<void> {
  await withNode(device, () => run(command), log);
}

/** Does what needs a device's node. udev removes the nodes of partitions and makes them again while it looks at a changed disk: what found no node is
 * done again once there is one. */
export async function withNode(device: string, act: () => Promise<unknown>, log: Context['log']): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act();
      return;
    } catch (error) {
      if (attempt === attempts || !(await hadNoNode(device, error))) throw error;
      log.warn('the device node vanished, trying again', { device, reason: describeError(error) });
      await waitForNode(device);
    }
  }
}

/** What programs say of a node that is not there. */
const noNode = /No such file or directory|does not exist/;

async function hadNoNode(device: string, error: unknown): Promise<boolean> {
  if (isErrno(error, 'ENOENT')) return true;
  if (error instanceof Error && 'stderr' in error && noNode.test(String(error.stderr))) return true;
  return access(device).then(
    () => false,
    () => true,
  );
}
