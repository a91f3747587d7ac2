import { isObject } from '../kit/json.ts';

/** What a schema lists of a document that is valid: the fields in the schema's order, those that are absent with their `default`.
 * Left out are other fields and those that tell what the document is, such as `$schema`. Where a schema lists no fields, or names
 * another one (`$ref`), the value is taken as it is. */
export function knownPart(schema: unknown, value: unknown): unknown {
  if (!isObject(schema)) return value;
  const { properties, items } = schema;
  if (Array.isArray(value)) return value.map((item) => knownPart(items, item));
  if (!isObject(value) || !isObject(properties)) return value;
  const fields = Object.entries(properties).filter(([name]) => !name.startsWith('$'));
  return Object.fromEntries(
    fields.flatMap(([name, property]) => {
      const field = Object.hasOwn(value, name) ? value[name] : defaultOf(property);
      return field === undefined ? [] : [[name, knownPart(property, field)]];
    }),
  );
}

function defaultOf(schema: unknown): unknown {
  return isObject(schema) ? schema['default'] : undefined;
}
