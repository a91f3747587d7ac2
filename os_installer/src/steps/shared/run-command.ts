import type { Log } from '@pxeboot/config/host/log';
import type { RunResult } from '@pxeboot/config/host/run';
import { run } from '@pxeboot/config/host/run';

import type { Command } from './command.ts';

/** Runs a command of a step; it is logged first when there is a log.
 * @throws CommandError it failed */
export async function runCommand(command: Command, log?: Log): Promise<void> {
  await resultOf(command, log);
}

/** The same for a command whose standard output is wanted.
 * @throws CommandError it failed */
export async function commandOutput(command: Command, log?: Log): Promise<string> {
  return (await resultOf(command, log)).stdout;
}

async function resultOf({ file, args, timeoutMs, input }: Command, log: Log | undefined): Promise<RunResult> {
  return run(file, args, {
    timeoutMs,
    ...(input === undefined ? {} : { input }),
    ...(log === undefined ? {} : { log }),
  });
}
