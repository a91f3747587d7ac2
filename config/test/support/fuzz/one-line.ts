import assert from 'node:assert/strict';

/** What acts on a terminal, ends a line for some reader, turns text round, or cannot be sent. */
const unfit = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Asserts that a text is one line that is shown as it is read. @param most its characters */
export function assertOneLine(text: string, what: string, most = 20_000): void {
  const found = unfit.exec(text);
  const point = found?.[0].codePointAt(0)?.toString(16) ?? '';
  assert.equal(found, null, `${what} has U+${point}: ${JSON.stringify(text)}`);
  assert.ok(
    text !== '' && text.length <= most,
    `${what} has ${text.length} characters: ${JSON.stringify(text.slice(0, 200))}`,
  );
}
