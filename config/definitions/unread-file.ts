import { isVmName } from '../contract/vm-definition.ts';
import { describeCopy, wordCopy } from '../kit/copied-file.ts';
import type { Fault } from '../kit/fault.ts';
import { showValue } from '../kit/text.ts';

/** Why a file that looks like a definition is not read, and what can be done. */
export interface UnreadFile extends Pick<Fault, 'problem' | 'fix'> {
  /** Made by a program: nobody meant it to be read. */
  isCopy: boolean;
}

const almost = /\.(?:json(?:\.txt|[c5]?|[._ -]?\d*| \(\d+\))|jsn)$/i;

/** Looks at a name that is no definition's: those end in ".json", in small letters, and begin with no dot.
 * @param names of all files there: advice must not lead to another one
 * @returns undefined for a name that has nothing of a definition's */
export function whyUnread(name: string, names: readonly string[]): UnreadFile | undefined {
  if (name.endsWith('.json') && !name.startsWith('.')) return undefined;
  const copy = describeCopy(name);
  if (copy !== undefined) {
    const fix = 'nothing has to be done; it goes with what made it, or can be removed';
    return { isCopy: true, problem: `${wordCopy(copy)}, and is not read`, fix };
  }
  if (name.startsWith('.') || !almost.test(name)) return undefined;
  const problem = 'looks like a definition and is not read: its name does not end in ".json"';
  return { isCopy: false, problem, fix: renaming(name.replace(/\.(?:jso?n).*$/i, '').toLowerCase(), name, names) };
}

function renaming(base: string, name: string, names: readonly string[]): string {
  const target = `${base}.json`;
  if (!isVmName(base)) return 'rename it to <name>.json, with a "name" of letters, digits and hyphens inside';
  const other = names.find((candidate) => candidate !== name && candidate.toLowerCase() === target);
  if (other === undefined) return `rename it to ${showValue(target)}`;
  return `keep in ${showValue(other)} what is right, and remove this one`;
}
