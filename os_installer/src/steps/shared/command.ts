import { quoteCommand } from '@pxeboot/config/kit/quote-command';

/** A program that a step runs. The plan is described by the same commands that are run. */
export interface Command {
  file: string;
  args: readonly string[];
  timeoutMs: number;
  /** Text for its standard input. */
  input?: string;
  /** It is one of many, and the log does without it. */
  unlogged?: boolean;
  /** When it is run; absent: always. */
  only?: string;
}

export const [seconds, minutes] = [1_000, 60_000];

/** Commands as a shell would take them, each behind when it is run. */
export function commandLines(commands: Readonly<Record<string, Command>>): string[] {
  return Object.values(commands).map(commandLine);
}

function commandLine({ file, args, input, only }: Command): string {
  const before = only === undefined ? '' : `(${only}) `;
  const feed = input === undefined ? '' : `${quoteCommand('printf', ['%s\\n', ...input.trimEnd().split('\n')])} | `;
  return `${before}${feed}${quoteCommand(file, args)}`;
}
