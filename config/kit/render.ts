import Handlebars from 'handlebars';

import { InputError } from './errors.ts';
import { showValue } from './text.ts';

const engine = Handlebars.create();
engine.registerHelper('yaml', yamlScalar);
engine.registerHelper('ipxe', ipxeWord);

/** Compiles a template once; the result renders it with a complete context.
 * Nothing is escaped for HTML. A name that the context lacks is an error, except inside `{{#if}}`.
 * Helpers: `{{yaml value}}` quotes for YAML, `{{ipxe value}}` refuses what could break out of an iPXE line.
 * @throws Error the template's syntax is wrong; its name is in the message */
export function compileTemplate<Context extends object>(name: string, source: string): (context: Context) => string {
  try {
    engine.parse(source);
  } catch (cause) {
    throw new Error(`compile template "${name}"`, { cause });
  }
  const template = engine.compile<Context>(source, { noEscape: true, strict: true });
  return (context) => {
    try {
      return template(context);
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new Error(`render template "${name}"`, { cause });
    }
  };
}

/** A value as a YAML scalar: JSON is YAML (YAML 1.2.2, 1.2), but for characters that YAML takes in an escape only (5.1, 5.7).
 * @throws InputError it has half of a surrogate pair, for which YAML has no escape */
function yamlScalar(value: unknown): string {
  const json = JSON.stringify(value);
  if (typeof value === 'string' && /\p{Cs}/u.test(value))
    throw new InputError(
      `write ${showValue(value)} as YAML: it has half of a surrogate pair, which is no character; write the text again`,
    );
  return json.replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\p{Noncharacter_Code_Point}]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`;
  });
}

function hex(point: number, digits: number): string {
  return point.toString(16).padStart(digits, '0');
}

/** A value that stays one word of an iPXE command: no white space, no control characters, no `$`, `#`, quotes or `&|;`. */
function ipxeWord(value: unknown): string {
  const text = String(value);
  if (!/^[A-Za-z0-9][A-Za-z0-9._:/=,@+%?&~[\]-]*$/.test(text) || text.includes('&&')) {
    throw new InputError(
      `render an iPXE script: the value ${showValue(value)} does not fit in one iPXE word; use letters, digits and ._:/=,@+%-`,
    );
  }
  return text;
}
