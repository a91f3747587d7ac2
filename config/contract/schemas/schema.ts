import type { ExtendedJSONSchema, FromExtendedSchema } from 'json-schema-to-ts';

/** A keyword of draft 2020-12 that json-schema-to-ts does not have, and our own: see `compileValidator`. */
type MoreKeywords = {
  $defs: Record<string, unknown>;
  dependentRequired: Record<string, readonly string[]>;
  errorHint: string;
  errorProblem: string;
};

/** A JSON Schema (draft 2020-12) with our keywords. */
export type Schema = ExtendedJSONSchema<MoreKeywords>;

/** The documents that a schema describes, as a parser returns them: fields with a default are there, fields that are not listed
 * and those whose name begins with `$` are not. */
export type DocumentOf<S extends Schema> = Known<FromExtendedSchema<MoreKeywords, S>>;

type Known<T> = T extends readonly (infer Item)[]
  ? Known<Item>[]
  : T extends object
    ? { [Field in keyof T as Named<Field>]: Known<T[Field]> }
    : T;

/** Where fields that are not listed are allowed, json-schema-to-ts gives the type an index signature. */
type Named<Field> = string extends Field ? never : Field extends `$${string}` ? never : Field;
