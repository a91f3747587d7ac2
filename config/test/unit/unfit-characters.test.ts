import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseVmDefinition } from '../../contract/vm-definition.ts';
import { createLog } from '../../host/log.ts';
import { InputError } from '../../kit/errors.ts';
import { describeFault } from '../../kit/fault.ts';
import { compileTemplate } from '../../kit/render.ts';
import { escapeJson, shorten, showValue } from '../../kit/text.ts';
import { sampleKey } from '../support/sample-vm.ts';

/** A definition whose third line is the key. */
function definitionWith(comment: string, more = ''): string {
  return `{ "name": "web1", "arch": "x86_64",\n"mac": "52:54:00:00:00:11",${more}\n"ssh_key": "${sampleKey} ${comment}" }`;
}

function faultsOf(text: string): string[] {
  const read = parseVmDefinition('web1.json', text);
  return read.ok ? [] : read.faults.map(describeFault);
}

const shownKey = `${JSON.stringify(sampleKey).slice(0, 80)}…`;
const refused: [string, string, string][] = [
  ['U+FFFE', '\ufffe', 'U+FFFE, which is no character'],
  ['U+FFFE as an escape', '\\uFffE', 'U+FFFE, which is no character'],
  ['U+FDD0', '\\ufdd0', 'U+FDD0, which is no character'],
  ['U+1FFFF', '\\ud83f\\udfff', 'U+1FFFF, which is no character'],
  ['the first half of a pair', '\\ud800', 'U+D800, which is half of a surrogate pair'],
  ['the second half of a pair', '\\uDFFF', 'U+DFFF, which is half of a surrogate pair'],
  ['halves in the wrong order', '\\ude00\\ud83d', 'U+DE00, which is half of a surrogate pair'],
];
for (const [what, comment, says] of refused) {
  test(`a key comment with ${what} is refused with line and reason`, () => {
    assert.deepEqual(faultsOf(definitionWith(comment)), [
      `web1.json ${shownKey}: line 3 has ${says} (RFC 7493, 2.1); write this text again`,
    ]);
  });
}

test('any other text of a definition is refused for it too', () => {
  assert.deepEqual(faultsOf(definitionWith('', '"note": "a\\ud800b",')), [
    'web1.json "a\\ud800b": line 2 has U+D800, which is half of a surrogate pair (RFC 7493, 2.1); write this text again',
  ]);
  assert.match(faultsOf(definitionWith('', '"a\ufffeb": 1,'))[0] ?? '', /^web1\.json "a\\ufffeb": line 2 has U\+FFFE/);
});

test('whole pairs, private letters, escaped backslashes and U+FFFD are text', () => {
  for (const comment of ['💾', '\\ud83d\\ude00', 'me@läptop', '\ufffd', '\\\\ud800', '\ue000'])
    assert.deepEqual(faultsOf(definitionWith(comment)), [], comment);
});

test('YAML gets as an escape what it cannot hold, and half of a pair never', () => {
  const render = compileTemplate<{ value: string }>('a', '{{yaml value}}');

  assert.equal(
    render({ value: 'a\u0085\u009b\u2028\ufeff\ufffe\uffff\ufdd0é💾' }),
    '"a\\u0085\\u009b\\u2028\\ufeff\\ufffe\\uffff\\ufdd0é💾"',
  );
  assert.equal(render({ value: '\u{1ffff}' }), '"\\U0001ffff"');
  assert.throws(
    () => render({ value: 'a\ud800' }),
    (error) =>
      error instanceof InputError && /^write "a\\ud800" as YAML: it has half of a surrogate pair/.test(error.message),
  );
});

const hostile = 'a\u009b2J\u061c\u202egnp\u2028b\u2066\ufeff\u{e0001}';
const escaped = '"a\\u009b2J\\u061c\\u202egnp\\u2028b\\u2066\\ufeff\\udb40\\udc01"';

test('a value is shown as JSON that acts on no terminal and breaks no line', () => {
  assert.equal(showValue(hostile), escaped);
  assert.equal(JSON.parse(showValue(hostile)), hostile);
  assert.equal(showValue(['é', '日本', '💾']), '["é","日本","💾"]');
});

test('a document is escaped without a change of what it says', () => {
  const document = { [hostile]: [hostile, { more: 'é' }] };

  const json = escapeJson(JSON.stringify(document, undefined, 2));

  assert.doesNotMatch(json, /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u);
  assert.deepEqual(JSON.parse(json), document);
  assert.equal(json.split('\n').length, 8);
});

test('a fault says nothing raw, wherever its text came from', () => {
  const fault = { file: hostile, path: `/${hostile}`, value: `"${hostile}"`, problem: hostile, fix: hostile };

  assert.doesNotMatch(describeFault(fault), /[\p{C}\p{Zl}\p{Zp}]/u);
});

test('neither does a line of the log, nor its message', () => {
  const lines: string[] = [];

  createLog('a', (line) => lines.push(line)).warn(hostile, { field: hostile });

  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines[0] ?? '', /[\p{C}\p{Zl}\p{Zp}]/u);
});

test('a text is never cut in the middle of a pair', () => {
  assert.equal(shorten('a💾b', 2), 'a…');
  assert.equal(shorten('a💾b', 3), 'a💾…');
});
