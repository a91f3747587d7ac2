import { progressLine } from './decide/progress-line.ts';

/** Where an import says what it does. */
export interface Progress {
  /** A line that stays. */
  say(line: string): void;
  /** Shows a long work, again and again until it is done.
   * @param total bytes */
  follow<T>(what: string, total: number, work: (advance: (bytes: number) => void) => Promise<T>): Promise<T>;
}

/** On a terminal one line that is written over each second; elsewhere a line each 10 s, so that logs stay short. */
export function createProgress(output: { isTTY?: boolean; write(text: string): unknown }): Progress {
  const terminal = output.isTTY === true;
  const intervalMs = terminal ? 1000 : 10_000;
  return {
    say: (line) => output.write(`${line}\n`),
    async follow(what, total, work) {
      const start = performance.now();
      let done = 0;
      const line = (): string => progressLine(what, done, total, performance.now() - start);
      const timer = setInterval(() => output.write(terminal ? `\r\x1b[K${line()}` : `${line()}\n`), intervalMs);
      try {
        const result = await work((bytes) => (done += bytes));
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        output.write(`${terminal ? '\r\x1b[K' : ''}${what}: done in ${seconds} s\n`);
        return result;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
