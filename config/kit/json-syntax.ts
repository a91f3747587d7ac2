import type { Fault } from './fault.ts';
import { placeIn } from './text.ts';

/** What keeps a text from being JSON, at the first place where it is not. */
export type SyntaxFault = Pick<Fault, 'problem' | 'fix'> & { offset: number };

type Kind = 'string' | 'scalar' | '{' | '}' | '[' | ']' | ':' | ',' | 'end' | 'other';

interface Token {
  kind: Kind;
  start: number;
  end: number;
}

/** What may come next (RFC 8259). */
type Expected = keyof typeof wordsFor;

const wordsFor = {
  value: 'a value',
  'value or ]': 'a value or "]"',
  name: 'a name in double quotes',
  'name or }': 'a name in double quotes or "}"',
  colon: 'a colon',
  'comma or ]': 'a comma or "]"',
  'comma or }': 'a comma or "}"',
  nothing: 'nothing more',
};

const startOfValue = { string: 'whole', scalar: 'whole', '{': 'opens', '[': 'opens' } as const;

/** What each kind of token leads to: a value is whole, a list or object opens or closes, or what is expected behind it. */
const steps: Record<Expected, Partial<Record<Kind, Expected | 'whole' | 'opens' | 'closes'>>> = {
  value: startOfValue,
  'value or ]': { ...startOfValue, ']': 'closes' },
  name: { string: 'colon' },
  'name or }': { string: 'colon', '}': 'closes' },
  colon: { ':': 'value' },
  'comma or ]': { ',': 'value', ']': 'closes' },
  'comma or }': { ',': 'name', '}': 'closes' },
  nothing: {},
};

const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+\-]?\d+)?|true|false|null)(?![\w.+\-])/vy;
/** What a string may hold as it is: everything but quotes, backslashes and the control characters up to U+001F. */
const plain = String.raw`[[^"\\\p{Cc}]\x7f-\x9f]`;
// Without repetition of a repetition: a long string must not take long.
const stringStart = String.raw`"${plain}*(?:\\(?:["\\\/bfnrt]|u[\dA-Fa-f]{4})${plain}*)*`;
const openString = new RegExp(stringStart, 'vy');
const string = new RegExp(`${stringStart}"`, 'vy');
const space = /[ \t\r\n]*/vy;

/** Looks for the first fault of a text that `JSON.parse` refuses; undefined when it finds none.
 * Without recursion, so that no depth is too deep. */
export function findSyntaxFault(text: string): SyntaxFault | undefined {
  const open: Token[] = [];
  let expected: Expected = 'value';
  for (let before: Token = { kind: 'end', start: 0, end: 0 }; ;) {
    const token = tokenAt(text, before.end);
    if (token.kind === 'end' && expected === 'nothing') return undefined;
    const next = follow(expected, token, open);
    if (next === undefined) return explain({ text, token, before, expected, open });
    expected = next;
    before = token;
  }
}

function tokenAt(text: string, from: number): Token {
  const start = endOf(space, text, from) ?? from;
  if (start >= text.length) return { kind: 'end', start, end: start };
  const character = text.charAt(start);
  if ('{}[]:,'.includes(character)) return { kind: character as Kind, start, end: start + 1 };
  const endOfString = endOf(string, text, start);
  if (endOfString !== undefined) return { kind: 'string', start, end: endOfString };
  const endOfScalar = endOf(scalar, text, start);
  if (endOfScalar !== undefined) return { kind: 'scalar', start, end: endOfScalar };
  return { kind: 'other', start, end: start + 1 };
}

function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** @returns what is expected behind the token; undefined when it may not be there */
function follow(expected: Expected, token: Token, open: Token[]): Expected | undefined {
  const step = steps[expected][token.kind];
  if (step === 'opens') {
    open.push(token);
    return token.kind === '{' ? 'name or }' : 'value or ]';
  }
  if (step === 'closes') open.pop();
  return step === 'closes' || step === 'whole' ? behindValue(open) : step;
}

function behindValue(open: readonly Token[]): Expected {
  const inside = open.at(-1);
  if (inside === undefined) return 'nothing';
  return inside.kind === '{' ? 'comma or }' : 'comma or ]';
}

interface Stop {
  text: string;
  /** What may not be there, and what is before it. */
  token: Token;
  before: Token;
  expected: Expected;
  open: readonly Token[];
}

function explain(stop: Stop): SyntaxFault {
  return explainCharacter(stop) ?? explainOrder(stop);
}

/** Faults that a character shows wherever it is. */
const characterFaults: [RegExp, string, string][] = [
  [/[\u2018-\u201f\u00ab\u00bb\u2032\u2033\u301d-\u301f\uff02\uff07]/y, 'typographic quotes', 'write straight ones: "'],
  [/['`\u00b4]/y, 'single quotes', 'write double ones: "'],
  [/\/[/*]|#|<!--/y, 'a comment, which JSON does not have', 'remove it'],
  [
    /<<<<<<< |=======|>>>>>>> |\|\|\|\|\|\|\| /y,
    'the mark of a merge conflict',
    'keep one version and remove the marks',
  ],
  [/[\p{Z}\p{Cf}]/uy, 'a space that is none of JSON, or a character that is not seen', 'replace it by a usual space'],
  [
    /[+-]?(?:0\d|\.\d|\+|0[xX]|\d)/y,
    'a number that JSON does not have',
    'write it without leading zeros or "+", in decimal',
  ],
  [/(?:True|TRUE|False|FALSE)\b/y, 'true or false with capital letters', 'write it in small letters'],
  [
    /(?:None|Null|NULL|nil|undefined|NaN|Infinity)\b/y,
    'a word that JSON does not have',
    'write null, or remove the field',
  ],
];

function explainCharacter({ text, token, expected }: Stop): SyntaxFault | undefined {
  if (token.kind !== 'other') return undefined;
  const { start } = token;
  for (const [pattern, problem, fix] of characterFaults)
    if (endOf(pattern, text, start) !== undefined) return { offset: start, problem, fix };
  if (text.charAt(start) === '"') return explainString(text, start);
  if (!/[A-Za-z_$]/.test(text.charAt(start))) return undefined;
  const what = expected.startsWith('name') ? 'a name' : 'text';
  return { offset: start, problem: `${what} without quotes`, fix: 'put it in double quotes' };
}

/** A string that begins here and does not end well. */
function explainString(text: string, start: number): SyntaxFault {
  const good = endOf(openString, text, start) ?? start;
  const character = text.charAt(good);
  if (character === '\\')
    return { offset: good, problem: 'a backslash that begins no escape of JSON', fix: 'write two backslashes for one' };
  if (character === '' || character === '\n' || character === '\r')
    return { offset: start, problem: 'a string whose closing quote is missing in its line', fix: 'close it with "' };
  return {
    offset: good,
    problem: 'a tab or another control character inside a string',
    fix: 'remove it, or write \\t',
  };
}

/** Faults of what is where. */
function explainOrder(stop: Stop): SyntaxFault {
  return explainEnd(stop) ?? explainComma(stop) ?? explainElse(stop);
}

function explainEnd({ text, token: { kind, start }, open }: Stop): SyntaxFault | undefined {
  const opened = open.at(-1);
  if (kind !== 'end' || opened === undefined) return undefined;
  const { line } = placeIn(text, opened.start);
  const problem = `the end of the text, and the "${opened.kind}" of line ${line} is not closed`;
  return {
    offset: start,
    problem,
    fix: `close it with "${opened.kind === '{' ? '}' : ']'}"; the file may be cut short`,
  };
}

function explainComma({ token, before, expected }: Stop): SyntaxFault | undefined {
  const { kind, start } = token;
  if ((kind === '}' || kind === ']') && before.kind === ',')
    return { offset: before.start, problem: `a comma with nothing behind it but "${kind}"`, fix: 'remove the comma' };
  if (kind === ',')
    return {
      offset: start,
      problem: `a comma where ${wordsFor[expected]} is expected`,
      fix: 'remove it, or add what is missing',
    };
  if (expected.startsWith('comma') && kind in startOfValue)
    return { offset: before.end, problem: 'a comma is missing here', fix: 'add ","' };
  return undefined;
}

function explainElse({ text, token: { kind, start }, before, expected }: Stop): SyntaxFault {
  const shown = kind === 'end' ? 'the end of the text' : `"${text.slice(start, start + 1)}"`;
  if (expected === 'colon') return { offset: before.end, problem: 'a colon is missing here', fix: 'add ":"' };
  if (expected === 'nothing')
    return {
      offset: start,
      problem: `${shown} behind the end of the document`,
      fix: 'remove it, or the brace before it',
    };
  return { offset: start, problem: `${shown} where ${wordsFor[expected]} is expected`, fix: 'correct it there' };
}
