import type { Log } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';

import type { Command } from './steps/shared/command.ts';

/** Runs a command; it is logged first when there is a log.
 * @returns its standard output
 * @throws CommandError it failed */
export async function runCommand({ file, args, timeoutMs, input, unlogged }: Command, log?: Log): Promise<string> {
  const { stdout } = await run(file, args, {
    timeoutMs,
    ...(input === undefined ? {} : { input }),
    ...(log === undefined || unlogged === true ? {} : { log }),
  });
  return stdout;
}
