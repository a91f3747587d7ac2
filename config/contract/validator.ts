import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

import type { Fault, Result } from '../kit/fault.ts';
import { inSubnet, isIpv4, isIpv6, isMachineAddress, parseCidr, parseIpv4Networks } from '../kit/ip.ts';
import { pointerToken } from '../kit/json.ts';
import { isSpelledAsMac, macProblem, parseMac } from '../kit/mac.ts';
import { isSshPublicKey } from '../kit/ssh-key.ts';
import { shorten, showValue } from '../kit/text.ts';
import { knownPart } from './known-part.ts';
import type { DocumentOf, Schema } from './schemas/schema.ts';

/** Checks one kind of document against its JSON Schema.
 * @returns its faults, at most as many as it was compiled for; none when the document is valid */
export type Validator = (file: string, document: unknown) => Fault[];

const formats: Record<string, (text: string) => boolean> = {
  mac: (text) => parseMac(text) !== undefined,
  'mac-spelling': isSpelledAsMac,
  ipv4: isIpv4,
  'ipv4-networks': (text) => parseIpv4Networks(text) !== undefined,
  'ipv6-suffix': (text) => isIpv6(text) && inSubnet(text, { address: '::', prefixLength: 64 }),
  'machine-ipv4-or-empty': (text) => text === '' || (isIpv4(text) && isMachineAddress(text)),
  'machine-ipv6-or-empty': (text) => text === '' || (isIpv6(text) && isMachineAddress(text)),
  'ipv4-cidr-or-empty': (text) => text === '' || isIpv4(parseCidr(text)?.address ?? ''),
  'ipv6-cidr-or-empty': (text) => text === '' || isIpv6(parseCidr(text)?.address ?? ''),
  'ssh-public-key-or-empty': (text) => text.trim() === '' || isSshPublicKey(text),
  'http-url': (text) => /^https?:\/\/[^\s"'\\]+$/.test(text) && URL.canParse(text),
};

/** What is wrong with a text that a format refuses, where the format can tell. */
const formatProblems: Record<string, (text: string) => string | undefined> = {
  mac: macProblem,
  'mac-spelling': macProblem,
};

/** Of one document: a list of a hundred thousand wrong values would fill the log and the published state. */
const usualFaults = 20;
/** Characters of a field's name in a fault; those that are known are shorter. */
const shownNameLength = 80;

/** Compiles a JSON Schema (draft 2020-12). Two keywords next to a rule say in words what its breach means: `errorHint` what is
 * expected, `errorProblem` what is wrong, where "is not valid" would leave the reason open.
 * @param mostFaults 1 stops at the first fault. Use it for lists from guests: ajv finds every fault before the rest is cut, and
 * 64 KB can hold 250,000 */
export function compileValidator(schema: object, mostFaults = usualFaults): Validator {
  const ajv = new Ajv2020({ allErrors: mostFaults > 1, verbose: true, strict: true, allowUnionTypes: true });
  for (const keyword of ['errorHint', 'errorProblem']) ajv.addKeyword({ keyword, schemaType: 'string' });
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, validate);
  const validate: ValidateFunction = ajv.compile(schema);
  return (file, document) =>
    validate(document) ? [] : (validate.errors ?? []).slice(0, mostFaults).map((error) => toFault(file, error));
}

/** Compiles a schema to a parser: faults, or the document with its defaults and without what its schema does not list.
 * Give the result no type of its own: tsc would derive S from it, which takes half a minute.
 * @param mostFaults as of `compileValidator` */
export function compileParser<S extends Schema>(
  schema: S & object,
  mostFaults = usualFaults,
): (file: string, document: unknown) => Result<DocumentOf<S>> {
  const validate = compileValidator(schema, mostFaults);
  return (file, document) => {
    const faults = validate(file, document);
    if (faults.length > 0) return { ok: false, faults };
    // The schema has just proven the shape, and the type is made of the schema.
    return { ok: true, value: knownPart(schema, document) as DocumentOf<S> };
  };
}

function toFault(file: string, error: ErrorObject): Fault {
  const path = error.instancePath;
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired': {
      const property = String(error.params['missingProperty']);
      const expected = expectedOf(error.parentSchema, property);
      return {
        file,
        path: `${path}/${property}`,
        value: '',
        problem: 'is missing',
        fix: `add "${property}"${expected}`,
      };
    }
    case 'additionalProperties': {
      const property = shorten(String(error.params['additionalProperty']), shownNameLength);
      const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object).join(', ');
      return {
        file,
        path: `${path}/${pointerToken(property)}`,
        value: '',
        problem: 'is not known here',
        fix: `remove it or correct its spelling; known are ${known}`,
      };
    }
    case 'enum': {
      const allowed = listValues(error.params['allowedValues'] as unknown[]);
      const value = showValue(error.data);
      return { file, path, value, problem: 'is none of the possible values', fix: `use one of ${allowed}` };
    }
    default:
      return { file, path, value: showValue(error.data), problem: problemOf(error), fix: fixOf(error) };
  }
}

interface PropertySchema {
  errorHint?: string;
  enum?: unknown[];
}

/** What a property that is missing should hold, as far as its schema says it in words. */
function expectedOf(schema: ErrorObject['parentSchema'], property: string): string {
  const properties = (schema?.['properties'] ?? {}) as Record<string, PropertySchema | undefined>;
  const { errorHint, enum: allowed } = properties[property] ?? {};
  if (errorHint !== undefined) return `, ${errorHint}`;
  return allowed === undefined ? '' : `, one of ${listValues(allowed)}`;
}

function listValues(values: readonly unknown[]): string {
  return values.map((value) => showValue(value)).join(', ');
}

function problemOf(error: ErrorObject): string {
  const { errorProblem } = (error.parentSchema ?? {}) as { errorProblem?: string };
  if (errorProblem !== undefined) return errorProblem;
  if (error.keyword === 'type') return `is not of type ${String(error.params['type'])}`;
  const problemOfFormat = formatProblems[String(error.params['format'])];
  const told = typeof error.data === 'string' ? problemOfFormat?.(error.data) : undefined;
  if (told !== undefined) return told;
  return 'is not valid';
}

function fixOf({ keyword, message, params, parentSchema = {} }: ErrorObject): string {
  const { errorHint, examples } = parentSchema as { errorHint?: string; examples?: unknown[] };
  if (errorHint !== undefined) return `expected ${errorHint}`;
  if (keyword !== 'type') return `it ${message ?? `breaks the rule "${keyword}"`}`;
  const example = examples === undefined ? '' : ` such as ${showValue(examples[0])}`;
  return `write ${typeWords[String(params['type'])] ?? String(params['type'])}${example}`;
}

const typeWords: Record<string, string> = {
  boolean: 'true or false, without quotes',
  array: 'a list in brackets',
  object: 'an object in braces',
  string: 'text in quotes',
  integer: 'a whole number, without quotes',
};
