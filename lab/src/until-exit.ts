import type { ChildProcess } from 'node:child_process';

/** Waits until a program has really ended. An abort is told before the program has obeyed it: who goes on then finds its files
 * and devices still in use.
 * @returns why it could not be started; undefined when it was */
export function untilExit(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve(undefined));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(error);
    });
  });
}
