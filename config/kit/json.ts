import { describeError } from './errors.ts';
import type { Result } from './fault.ts';
import { showValue } from './text.ts';

/** Larger documents are refused: a VM definition has a few hundred bytes. */
export const maxDocumentBytes = 1024 * 1024;

/** Reads a JSON object.
 * @param file the document's name in faults */
export function parseJsonObject(file: string, text: string): Result<Record<string, unknown>> {
  if (text.trim() === '') return wrong(file, text, 'is empty', 'write a JSON object into it');
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return wrong(file, text, `is not JSON: ${describeError(error)}`, 'correct the syntax; the message says where');
  }
  if (!isObject(document)) return wrong(file, text, 'is not a JSON object', 'write {"name": …}');
  return { ok: true, value: document };
}

/** A JSON object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(file: string, text: string, problem: string, fix: string): Result<never> {
  return { ok: false, faults: [{ file, path: '', value: showValue(text.slice(0, 60)), problem, fix }] };
}

/** A field's name as a JSON pointer has it (RFC 6901, 3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
