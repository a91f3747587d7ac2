import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { execa } from 'execa';

import { CommandError } from '../host/run.ts';
import { InputError } from '../kit/errors.ts';

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

/** Gives data to a program, whose input stays open. One that has ended takes no more: the rest is read and passed over, and its
 * status says why it has ended.
 * @throws the error of what is read */
export async function feed(chunks: AsyncIterable<Buffer>, stdin: Writable): Promise<void> {
  for await (const chunk of chunks) {
    if (stdin.destroyed || stdin.write(chunk)) continue;
    const waiting = new AbortController();
    const { signal } = waiting;
    await Promise.race([once(stdin, 'drain', { signal }), once(stdin, 'close', { signal })]).catch(() => undefined);
    waiting.abort();
  }
}

/** Waits for all. What is wrong with the input counts most, then what a program says of its own failure; a broken pipe follows from
 * these.
 * @throws the InputError of one that failed, else the CommandError, else the first other error */
export async function allEnded(works: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const told = failures.find((failure) => failure instanceof CommandError && failure.exitCode !== undefined);
  const input = failures.find((failure) => failure instanceof InputError);
  const [first] = failures;
  if (input !== undefined) throw input;
  if (told !== undefined) throw told;
  if (first !== undefined) throw first;
}
