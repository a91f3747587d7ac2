import { pointerToken } from '../../kit/json.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** JSON lets a key stand twice in one object, and the last one silently wins.
 * @param text a document that `JSON.parse` has accepted */
export function lintDuplicateKeys(file: string, text: string): Finding[] {
  return duplicateKeys(text).map((path) =>
    finding('duplicate-key', 'warning', {
      file,
      path,
      value: '',
      problem: 'stands twice in one object; the last one counts',
      fix: 'remove all but one',
    }),
  );
}

interface OpenContainer {
  /** Keys of an object; undefined: an array. */
  keys: Set<string> | undefined;
  /** The key or position that is being read. */
  at: string;
  position: number;
}

/** JSON pointers to keys that repeat an earlier one. Without recursion, so that no depth is too deep. */
export function duplicateKeys(text: string): string[] {
  const open: OpenContainer[] = [];
  const found: string[] = [];
  for (const { 0: token } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g)) {
    const inside = open.at(-1);
    if (token === '{') open.push({ keys: new Set(), at: '', position: 0 });
    else if (token === '[') open.push({ keys: undefined, at: '0', position: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') advance(inside);
    else if (inside?.keys !== undefined && inside.at === '') noteKey(token, inside, open, found);
  }
  return found;
}

function advance(inside: OpenContainer | undefined): void {
  if (inside === undefined) return;
  inside.position += 1;
  inside.at = inside.keys === undefined ? String(inside.position) : '';
}

function noteKey(token: string, inside: OpenContainer, open: readonly OpenContainer[], found: string[]): void {
  // JSON.parse has accepted the document, and a string literal is a document.
  const key = JSON.parse(token) as string;
  inside.at = `${pointerToken(key)}\0`;
  if (inside.keys?.has(key) === true) found.push(open.map(({ at }) => `/${at.replace('\0', '')}`).join(''));
  inside.keys?.add(key);
}
