import type { Readable, Writable } from 'node:stream';

import { execa } from 'execa';

import { CommandError } from '../host/run.ts';

/** A program that runs while data goes through it. */
export interface StreamProgram {
  stdin: Writable;
  stdout: Readable;
  /** @throws CommandError it could not be started, or its status was not 0 */
  ended: Promise<void>;
}

/** Starts a program whose input and output are streams.
 * @param signal ends it */
export function startStreamProgram(
  file: string,
  args: readonly string[],
  { signal, cwd }: { signal: AbortSignal; cwd?: string },
): StreamProgram {
  const child = execa(file, args, {
    reject: false,
    stdin: 'pipe',
    buffer: { stdout: false, stderr: true },
    env: { LC_ALL: 'C' },
    cancelSignal: signal,
    ...(cwd === undefined ? {} : { cwd }),
  });
  // An end that comes too early is told by the program's status.
  child.stdin.on('error', () => undefined);
  const ended = child.then((result) => {
    if (!result.failed) return;
    const { exitCode, stderr } = result;
    const reason = exitCode === undefined ? (result.signal ?? 'could not be started') : `exited with ${exitCode}`;
    throw new CommandError({ file, args, exitCode, stderr }, reason, exitCode === undefined ? result.cause : undefined);
  });
  ended.catch(() => undefined);
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

/** Waits for all. What a program says of its own failure counts more than the broken pipe that follows from it.
 * @throws CommandError of the first program that failed, else the first other error */
export async function allEnded(works: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const [first] = failures;
  if (first !== undefined)
    throw failures.find((failure) => failure instanceof CommandError && failure.exitCode !== undefined) ?? first;
}
