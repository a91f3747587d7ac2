import { escapeOdd, quoteIfOdd } from './text.ts';

/** One thing that is wrong with what a person or a guest wrote or gave, worded so that its author can mend it. */
export interface Fault {
  /** The document: a file name, a URL, or "environment"; empty where that is known from elsewhere. */
  file: string;
  /** JSON pointer (RFC 6901) to the value; empty for the whole document. */
  path: string;
  /** The offending value as JSON, shortened; empty when the value is missing. */
  value: string;
  /** What is wrong with it. */
  problem: string;
  /** What to do about it. */
  fix: string;
}

/** What a parser returns: the normalised value, or every fault at once. */
export type Result<T> = { ok: true; value: T } | { ok: false; faults: Fault[] };

/** One line: file, path, value, problem, fix. */
export function describeFault(fault: Fault): string {
  const where = [quoteIfOdd(fault.file), quoteIfOdd(fault.path), escapeOdd(fault.value)]
    .filter((part) => part !== '')
    .join(' ');
  return `${where}: ${escapeOdd(fault.problem)}; ${escapeOdd(fault.fix)}`;
}
