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

/** A value as a YAML scalar: JSON is YAML (YAML 1.2.2, 1.2). */
function yamlScalar(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escapeCodeUnit);
}

function escapeCodeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
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
