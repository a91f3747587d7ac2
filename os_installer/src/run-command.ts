import type { Log } from '@pxeboot/config/log';
import { run } from '@pxeboot/config/run';

import type { Command } from './commands.ts';

/** Runs a command of a step; it is logged first when there is a log.
 * @throws CommandError it failed */
export async function runCommand({ file, args, timeoutMs, input }: Command, log?: Log): Promise<void> {
  await run(file, args, {
    timeoutMs,
    ...(input === undefined ? {} : { input }),
    ...(log === undefined ? {} : { log }),
  });
}
