import { execa } from 'execa';

import { HostError } from '../kit/errors.ts';
import { quoteCommand } from '../kit/quote-command.ts';
import type { Log } from './log.ts';

export interface RunOptions {
  /** 0: as long as the program lives. */
  timeoutMs: number;
  /** Text for the program's standard input; without it the program reads nothing. */
  input?: string;
  /** Added to the parent's environment. */
  env?: Record<string, string>;
  cwd?: string;
  /** Ends the program. */
  signal?: AbortSignal;
  /** Receives one line with the quoted command before it runs. */
  log?: Log;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  ms: number;
}

/** A program that could not be started, failed, was killed or took too long. */
export class CommandError extends HostError {
  override readonly name = 'CommandError';
  readonly file: string;
  readonly args: readonly string[];
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(command: Pick<CommandError, 'file' | 'args' | 'exitCode' | 'stderr'>, reason: string, cause: unknown) {
    const tail = command.stderr.trim().slice(-600);
    super(`${quoteCommand(command.file, command.args)}: ${reason}${tail === '' ? '' : `: ${JSON.stringify(tail)}`}`, {
      cause,
    });
    this.file = command.file;
    this.args = command.args;
    this.exitCode = command.exitCode;
    this.stderr = command.stderr;
  }
}

/** Runs a program by argument list, never through a shell, and waits for it.
 * @throws CommandError it could not be started, exited with a status other than 0, was killed or timed out */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  options.log?.info('run', { command: quoteCommand(file, args) });
  const result = await execa(file, args, {
    reject: false,
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const ms = Math.round(result.durationMs);
  if (result.failed) {
    const command = { file, args, exitCode: result.exitCode, stderr: result.stderr };
    throw new CommandError(
      command,
      failureReason(result, ms),
      result.exitCode === undefined ? result.cause : undefined,
    );
  }
  return { stdout: result.stdout, stderr: result.stderr, ms };
}

function failureReason(
  result: { timedOut: boolean; signal?: string | undefined; exitCode?: number | undefined },
  ms: number,
): string {
  if (result.timedOut) return `timed out after ${ms} ms`;
  if (result.signal !== undefined) return `ended by ${result.signal} after ${ms} ms`;
  if (result.exitCode === undefined) return 'could not be started';
  return `exited with ${result.exitCode} after ${ms} ms`;
}
