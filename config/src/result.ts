/** One thing that is wrong with a document, worded so that its author can mend it. */
export interface Fault {
  /** The document: a file name, a URL, or "environment". */
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

const shownValueLength = 80;

/** JSON of a value, cut to a length that fits in a log line. */
export function showValue(value: unknown): string {
  const json = value === undefined ? '' : JSON.stringify(value);
  return json.length <= shownValueLength ? json : `${json.slice(0, shownValueLength)}…`;
}

/** One line: file, path, value, problem, fix. */
export function describeFault(fault: Fault): string {
  const where = [fault.file, fault.path, fault.value].filter((part) => part !== '').join(' ');
  return `${where}: ${fault.problem}; ${fault.fix}`;
}
