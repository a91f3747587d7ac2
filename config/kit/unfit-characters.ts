import type { Fault } from './fault.ts';
import { placeIn, showValue } from './text.ts';

const stringLiteral = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
/** Halves of a surrogate pair, and code points that are no characters, such as U+FFFE. */
const unfit = /\p{Cs}|\p{Noncharacter_Code_Point}/u;
/** In the text such a code point is as it is, or an escape. */
const mayHoldUnfit = /\p{Cs}|\p{Noncharacter_Code_Point}|\\u(?:[dD][89a-fA-F]|[fF][dDfF])/u;

/** The first text of a document, name or value, that holds what no program may send another one (I-JSON: RFC 7493, 2.1): YAML has no
 * place for it, and neither have files.
 * @param json a document that `JSON.parse` has accepted */
export function findUnfitCharacter(file: string, json: string): Fault | undefined {
  if (!mayHoldUnfit.test(json)) return undefined;
  for (const { 0: literal, index } of json.matchAll(stringLiteral)) {
    // JSON.parse has accepted the document, and a string literal is a document.
    const text = JSON.parse(literal) as string;
    const found = unfit.exec(text)?.[0];
    if (found === undefined) continue;
    const point = found.codePointAt(0) ?? 0;
    const what = /\p{Cs}/u.test(found) ? 'half of a surrogate pair' : 'no character';
    const problem = `line ${placeIn(json, index).line} has U+${point.toString(16).toUpperCase().padStart(4, '0')}, which is ${what} (RFC 7493, 2.1)`;
    return { file, path: '', value: showValue(text), problem, fix: 'write this text again' };
  }
  return undefined;
}
