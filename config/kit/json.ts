import { describeError } from './errors.ts';
import type { Result } from './fault.ts';
import { findSyntaxFault } from './json-syntax.ts';
import { placeIn, showValue } from './text.ts';

/** Larger documents are refused: a VM definition has a few hundred bytes. */
export const maxDocumentBytes = 1024 * 1024;

/** Reads a JSON object.
 * @param file the document's name in faults */
export function parseJsonObject(file: string, text: string): Result<Record<string, unknown>> {
  if (text.trim() === '') return wrong(file, text, 'is empty', 'write a JSON object into it');
  const withoutMark = text.replace(/^\uFEFF/, '');
  let document: unknown;
  try {
    document = JSON.parse(withoutMark);
  } catch (error) {
    return notJson(file, withoutMark, error);
  }
  if (!isObject(document)) return wrong(file, text, 'is not a JSON object', 'write {"name": …}');
  return { ok: true, value: document };
}

/** A JSON object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notJson(file: string, text: string, error: unknown): Result<never> {
  const found = findSyntaxFault(text);
  if (found === undefined)
    return wrong(file, text, `is not JSON: ${describeError(error)}`, 'correct the syntax; the message says where');
  const { line, column } = placeIn(text, found.offset);
  const around = text
    .slice(Math.max(text.lastIndexOf('\n', found.offset - 1) + 1, found.offset - 30))
    .split(/[\r\n]/)[0];
  return wrong(file, around?.trim() ?? '', `is not JSON: line ${line}, column ${column}: ${found.problem}`, found.fix);
}

function wrong(file: string, text: string, problem: string, fix: string): Result<never> {
  return { ok: false, faults: [{ file, path: '', value: showValue(text.slice(0, 60)), problem, fix }] };
}

/** A field's name as a JSON pointer has it (RFC 6901, 3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
