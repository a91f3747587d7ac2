import fc from 'fast-check';

import { oddPiece, oddText, spoilt } from './odd-text.ts';

/** JSON as somebody writes it: a key may stand twice, and a value may be what `JSON.stringify` never writes. */
export type Written =
  { raw: string } | { members: readonly (readonly [string, Written])[] } | { items: readonly Written[] };

/** A value as it would usually be written. */
export function written(value: unknown): Written {
  if (Array.isArray(value)) return { items: value.map(written) };
  if (typeof value !== 'object' || value === null) return { raw: JSON.stringify(value) };
  return { members: Object.entries(value).map(([key, one]) => [key, written(one)] as const) };
}

/** The text of it. */
export function textOf(document: Written): string {
  if ('raw' in document) return document.raw;
  if ('items' in document) return `[${document.items.map(textOf).join(',')}]`;
  return `{${document.members.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
}

/** What is done to one place of a document. */
export interface Mutation {
  /** Names and positions that lead to it. */
  path: readonly string[];
  way: 'replace' | 'twice' | 'remove' | 'rename';
  value: Written;
  /** For `rename`. */
  name: string;
}

/** The document after a mutation. A place that is not there is made where its object is. */
export function mutate(document: Written, mutation: Mutation): Written {
  const [key, ...rest] = mutation.path;
  if (key === undefined) return mutation.way === 'replace' ? mutation.value : document;
  if ('items' in document) return mutateItem(document.items, Number(key), { ...mutation, path: rest });
  return 'members' in document
    ? { members: mutateMember(document.members, key, { ...mutation, path: rest }) }
    : mutation.value;
}

function mutateItem(items: readonly Written[], position: number, mutation: Mutation): Written {
  const at = position % (items.length + 1);
  const changed = mutate(items[at] ?? mutation.value, mutation);
  return { items: [...items.slice(0, at), changed, ...items.slice(at + 1)] };
}

type Members = readonly (readonly [string, Written])[];

function mutateMember(members: Members, key: string, mutation: Mutation): Members {
  const found = members.find(([name]) => name === key)?.[1];
  const others = members.filter(([name]) => name !== key);
  if (mutation.path.length > 0) return [...others, [key, mutate(found ?? { members: [] }, mutation)]];
  switch (mutation.way) {
    case 'remove':
      return others;
    case 'twice':
      return [...members, [key, mutation.value]];
    case 'rename':
      return [...others, [mutation.name, found ?? mutation.value]];
    case 'replace':
      return [...others, [key, mutation.value]];
  }
}

const oddNumbers = ['1e999', '-1e999', '1e-999', '-0', '0.1', '9007199254740993', `1${'0'.repeat(400)}`, '4294967296'];
const deep = fc.constantFrom(3, 200, 20_000).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`);
const deepObject = fc.constantFrom(3, 200, 5_000).map((depth) => `${'{"install":'.repeat(depth)}1${'}'.repeat(depth)}`);

/** Any value of JSON, and what is nearly one. */
const oddValue: fc.Arbitrary<Written> = fc.oneof(
  { weight: 8, arbitrary: oddText.map(written) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }).map(written) },
  { weight: 2, arbitrary: fc.constantFrom(...oddNumbers).map((raw) => ({ raw })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('null', 'true', '[]', '{}', '""', '[[]]', '{"toString":"x"}', '[null]').map(rawOf),
  },
  { weight: 2, arbitrary: fc.array(oddText, { maxLength: 4 }).map(written) },
  { weight: 1, arbitrary: fc.oneof({ weight: 9, arbitrary: fc.constant('[[[]]]') }, deep, deepObject).map(rawOf) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('NaN', 'undefined', "'x'", '"\\ud800"', '"\\u202e"', '"\\x41"', '01', '"\n"', '')
      .map(rawOf),
  },
);

function rawOf(raw: string): Written {
  return { raw };
}

const usualWays = ['replace', 'replace', 'replace', 'replace', 'twice', 'remove', 'rename'] as const;

/** A mutation of one of these places. @param honest texts that such places hold, which are then spoilt */
export function mutationOf(paths: readonly (readonly string[])[], honest: readonly string[]): fc.Arbitrary<Mutation> {
  const extra = fc.tuple(fc.constantFrom([], ['install'], ['install', 'disk']), fc.oneof(oddPiece, fc.string()));
  return fc.record({
    path: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...paths) },
      { weight: 1, arbitrary: extra.map(([place, name]) => [...place, name]) },
    ),
    way: fc.constantFrom(...usualWays),
    value: fc.oneof(oddValue, spoilt(fc.constantFrom(...honest)).map(written)),
    name: fc.oneof(oddPiece, fc.constantFrom('Name', 'MAC', 'ssh-key', '__proto__', 'instal', '')),
  });
}
