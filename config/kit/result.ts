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
  return shorten(value === undefined ? '' : toJson(value), shownValueLength);
}

/** The text when it has at most so many characters (UTF-16 units), else its beginning and `…`. */
export function shorten(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`;
}

/** A document may be nested so deeply that it cannot be written down again. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return '(nested too deeply to show)';
    throw error;
  }
}

/** One line: file, path, value, problem, fix. */
export function describeFault(fault: Fault): string {
  const where = [quoteIfOdd(fault.file), quoteIfOdd(fault.path), fault.value].filter((part) => part !== '').join(' ');
  return `${where}: ${escapeOdd(fault.problem)}; ${escapeOdd(fault.fix)}`;
}

/** Guests send text: what ends a line or turns it round for some reader, or acts on a terminal. */
const oddCharacters = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A name from a hostile directory must not break out of its line, nor turn the text on a screen round. */
function quoteIfOdd(text: string): string {
  return text.search(oddCharacters) === -1 ? text : escapeOdd(JSON.stringify(text));
}

/** The text in one line that is shown as it is read: such characters are written as `\u{…}`. */
export function escapeOdd(text: string): string {
  return text.replaceAll(oddCharacters, (odd) => `\\u{${(odd.codePointAt(0) ?? 0).toString(16)}}`);
}
