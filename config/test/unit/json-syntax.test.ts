import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseVmDefinition } from '../../contract/vm-definition.ts';
import { describeFault } from '../../kit/fault.ts';
import { parseJsonObject } from '../../kit/json.ts';
import { findSyntaxFault } from '../../kit/json-syntax.ts';
import { seededChance } from '../support/seeded.ts';

/** What people save, and what is said of it. */
const faulty: [string, string, string][] = [
  [
    'curly quotes, as of a web page or a word processor',
    '{\n  “name”: “web1”\n}',
    'line 2, column 3: typographic quotes; write straight ones: "',
  ],
  ['curly quotes around a value', '{"name": ”web1”}', 'line 1, column 10: typographic quotes; write straight ones: "'],
  ['low quotes', '{"name": „web1“}', 'line 1, column 10: typographic quotes; write straight ones: "'],
  ['guillemets', '{"name": «web1»}', 'line 1, column 10: typographic quotes; write straight ones: "'],
  ['single quotes', "{'name': 'web1'}", 'line 1, column 2: single quotes; write double ones: "'],
  [
    'a comma behind the last',
    '{\n "a": 1,\n}',
    'line 2, column 8: a comma with nothing behind it but "}"; remove the comma',
  ],
  ['one in a list', '{"a": [1,]}', 'line 1, column 9: a comma with nothing behind it but "]"; remove the comma'],
  ['a comment', '{\n  // ours\n "a": 1}', 'line 2, column 3: a comment, which JSON does not have; remove it'],
  [
    'a comment of another kind',
    '{"a": /* ours */ 1}',
    'line 1, column 7: a comment, which JSON does not have; remove it',
  ],
  ['a comment as of YAML', '# ours\n{"a": 1}', 'line 1, column 1: a comment, which JSON does not have; remove it'],
  ['a missing comma', '{\r\n "a": 1\r\n "b": 2}', 'line 2, column 8: a comma is missing here; add ","'],
  ['a missing comma in a list', '{"a": ["x" "y"]}', 'line 1, column 11: a comma is missing here; add ","'],
  [
    'two commas',
    '{"a": 1,, "b": 2}',
    'line 1, column 9: a comma where a name in double quotes is expected; remove it, or add what is missing',
  ],
  ['a missing colon', '{"a" 1}', 'line 1, column 5: a colon is missing here; add ":"'],
  ['an equals sign', '{"a" = 1}', 'line 1, column 5: a colon is missing here; add ":"'],
  ['a name without quotes', '{name: "web1"}', 'line 1, column 2: a name without quotes; put it in double quotes'],
  ['a value without quotes', '{"name": web1}', 'line 1, column 10: text without quotes; put it in double quotes'],
  [
    'Python’s words',
    '{"pxeboot": True}',
    'line 1, column 13: true or false with capital letters; write it in small letters',
  ],
  [
    'Python’s nothing',
    '{"ip": None}',
    'line 1, column 8: a word that JSON does not have; write null, or remove the field',
  ],
  [
    'a number with a zero before it',
    '{"a": 007}',
    'line 1, column 7: a number that JSON does not have; write it without leading zeros or "+", in decimal',
  ],
  [
    'a MAC without quotes',
    '{"mac": 52:54:00:12:34:56}',
    'line 1, column 11: ":" where a comma or "}" is expected; correct it there',
  ],
  [
    'an address without quotes',
    '{"ip": 10.0.0.5}',
    'line 1, column 8: a number that JSON does not have; write it without leading zeros or "+", in decimal',
  ],
  [
    'an open string',
    '{"name": "web1\n}',
    'line 1, column 10: a string whose closing quote is missing in its line; close it with "',
  ],
  [
    'a tab in a string',
    '{"name": "we\tb1"}',
    'line 1, column 13: a tab or another control character inside a string; remove it, or write \\t',
  ],
  [
    'a path of Windows',
    '{"a": "C:\\vms"}',
    'line 1, column 10: a backslash that begins no escape of JSON; write two backslashes for one',
  ],
  [
    'a no-break space',
    '{\n\u00a0"a": 1}',
    'line 2, column 1: a space that is none of JSON, or a character that is not seen; replace it by a usual space',
  ],
  [
    'a zero-width space',
    '{"a":\u200b1}',
    'line 1, column 6: a space that is none of JSON, or a character that is not seen; replace it by a usual space',
  ],
  [
    'a conflict of git',
    '{\n<<<<<<< HEAD\n"a": 1}',
    'line 2, column 1: the mark of a merge conflict; keep one version and remove the marks',
  ],
  [
    'a cut',
    '{\n "a": [1, 2',
    'line 2, column 12: the end of the text, and the "[" of line 2 is not closed; close it with "]"; the file may be cut short',
  ],
  [
    'nothing but a brace',
    '{',
    'line 1, column 2: the end of the text, and the "{" of line 1 is not closed; close it with "}"; the file may be cut short',
  ],
  [
    'two documents',
    '{"a": 1}\n{"b": 2}',
    'line 2, column 1: "{" behind the end of the document; remove it, or the brace before it',
  ],
  ['a wrong bracket', '{"a": [1}', 'line 1, column 9: "}" where a comma or "]" is expected; correct it there'],
  ['what is no JSON', '<html>', 'line 1, column 1: "<" where a value is expected; correct it there'],
  ['columns count characters', '{"💾": ”x”}', 'line 1, column 7: typographic quotes; write straight ones: "'],
];
for (const [what, text, says] of faulty) {
  test(`${what}: line, column and reason`, () => {
    const read = parseJsonObject('web1.json', text);

    const [fault] = read.ok ? [] : read.faults;
    assert.equal(`${fault?.problem ?? ''}; ${fault?.fix ?? ''}`, `is not JSON: ${says}`);
    assert.throws(() => JSON.parse(text), SyntaxError);
  });
}

test('the fault of a definition shows the place', () => {
  const read = parseVmDefinition('web1.json', '{\n  "name": "web1",\n  “mac”: "52:54:00:00:00:11"\n}');

  assert.deepEqual(read.ok ? [] : read.faults.map(describeFault), [
    'web1.json "“mac”: \\"52:54:00:00:00:11\\"": is not JSON: line 3, column 3: typographic quotes; write straight ones: "',
  ]);
});

test('a byte order mark before a document is no fault', () => {
  assert.deepEqual(parseJsonObject('web1.json', '\ufeff{"a": 1}'), { ok: true, value: { a: 1 } });
});

test('it finds a fault in each text that JSON.parse refuses, and in no other', () => {
  const chance = seededChance(1);
  const words = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '1',
    '-0.5e+3',
    'true',
    'null',
    '"\\u00e9"',
    ' ',
    '\n',
    "'",
    '“',
    '01',
    '"',
    '\\',
    'x',
  ];
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + chance.below(9) }, () => chance.oneOf(words)).join('');

    assert.equal(findSyntaxFault(text) === undefined, isJson(text), JSON.stringify(text));
  }
});

test('neither depth nor length make it slow or fail', () => {
  const started = performance.now();

  assert.match(findSyntaxFault('['.repeat(500_000))?.problem ?? '', /the end of the text/);
  assert.match(findSyntaxFault(`{"a": "${'x'.repeat(1_000_000)}`)?.problem ?? '', /closing quote is missing/);
  assert.ok(performance.now() - started < 5000);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
