import assert from 'node:assert/strict';
import { test } from 'node:test';

import { knownPart } from '../../contract/known-part.ts';
import { isObject } from '../../kit/json.ts';

const schema = {
  properties: {
    $schema: { type: 'string' },
    name: { type: 'string' },
    size: { type: 'integer', default: 7 },
    options: {
      default: {},
      properties: { once: { default: false }, words: { default: [], items: { type: 'string' } } },
    },
    parts: { items: { properties: { path: {} } } },
    any: { type: 'object' },
  },
};

test('fields come in the order of the schema, with defaults; what is not listed and what names the schema are left out', () => {
  const document = {
    $schema: 'http://x',
    other: 1,
    any: { kept: true },
    parts: [{ path: '/a', size: 1 }, {}],
    options: { once: true },
    name: 'web1',
  };

  assert.equal(
    JSON.stringify(knownPart(schema, document)),
    '{"name":"web1","size":7,"options":{"once":true,"words":[]},"parts":[{"path":"/a"},{}],"any":{"kept":true}}',
  );
});

test('a default object is filled with the defaults inside it, and each document has its own', () => {
  const document = knownPart(schema, {});

  assert.deepEqual(document, { size: 7, options: { once: false, words: [] } });
  assert.ok(isObject(document));
  assert.notEqual(document['options'], schema.properties.options.default);
  assert.deepEqual(schema.properties.options.default, {});
});

test('an inherited name is no field of a document', () => {
  assert.deepEqual(knownPart({ properties: { toString: { default: 'x' }, constructor: {} } }, {}), { toString: 'x' });
});
