const shownValueLength = 80;

/** JSON of a value, cut to a length that fits in a log line, and fit for a terminal. */
export function showValue(value: unknown): string {
  return shorten(value === undefined ? '' : escapeJson(toJson(value)), shownValueLength);
}

/** The text when it has at most so many characters (UTF-16 units), else its beginning and `…`; no pair of units is cut in two. */
export function shorten(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Where in a text something is, as editors count: lines and characters from 1. */
export function placeIn(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 };
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

/** Guests send text: what ends a line or turns it round for some reader, or acts on a terminal. */
const oddCharacters = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A name from a hostile directory must not break out of its line, nor turn the text on a screen round. */
export function quoteIfOdd(text: string): string {
  return text.search(oddCharacters) === -1 ? text : escapeOdd(JSON.stringify(text));
}

/** The text in one line that is shown as it is read: such characters are written as `\u{…}`. */
export function escapeOdd(text: string): string {
  return text.replaceAll(oddCharacters, (odd) => `\\u{${(odd.codePointAt(0) ?? 0).toString(16)}}`);
}

/** JSON that shows all it holds: such characters are written as JSON's own escapes. Line ends, which only separate values, stay. */
export function escapeJson(json: string): string {
  return json.replaceAll(oddCharacters, (odd) =>
    odd === '\n' ? odd : Array.from({ length: odd.length }, (_, unit) => escapeUnit(odd.charCodeAt(unit))).join(''),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** For sorting by code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
