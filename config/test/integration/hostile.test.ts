import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseVmDefinition } from '../../contract/vm-definition.ts';
import { describeFault } from '../../kit/fault.ts';
import { lintText } from '../../lint/rules/index.ts';

const deep = 200_000;
const good = '"name":"web1","role":"target","arch":"x86_64","distro":"d"';

function faultsOf(text: string, file = 'web1.json'): string[] {
  const parsed = parseVmDefinition(file, text);
  return parsed.ok ? [] : parsed.faults.map(describeFault);
}

test('a value that is nested too deeply to be shown is a fault like any other', () => {
  const nested = `${'['.repeat(deep)}${']'.repeat(deep)}`;

  assert.deepEqual(faultsOf(`{${good},"mac":${nested}}`), [
    'web1.json /mac (nested too deeply to show): is not of type string; expected six hex pairs such as 52:54:00:12:34:56',
  ]);
  assert.match(faultsOf(nested)[0] ?? '', /is not a JSON object/);
  assert.deepEqual(faultsOf(`{${good},"mac":"52:54:00:00:00:01","x":${nested}}`), [], 'an unknown field is ignored');
  assert.equal(lintText('web1.json', `{${good},"pxebot":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`).length, 1);
});

test('a hundred thousand faults are twenty', () => {
  const many = JSON.stringify(Array.from({ length: 100_000 }, () => ' '));

  assert.equal(faultsOf(`{${good},"mac":"52:54:00:00:00:01","install":{"kernel_args":${many}}}`).length, 20);
});

test('huge numbers, a prototype and a byte order mark are what they are', () => {
  assert.match(faultsOf(`{${good},"mac":1e999}`)[0] ?? '', /^web1\.json \/mac null: is not of type string/);
  assert.match(faultsOf(`{"__proto__":{${good}}}`)[0] ?? '', /^web1\.json \/name: is missing/);
  assert.deepEqual(faultsOf(`\uFEFF{${good},"mac":"52:54:00:00:00:01"}`), []);
});

test('a file name or a key full of line breaks and direction marks stays within its line', () => {
  const [fault = ''] = faultsOf('{', 'a\n2026 info \u202egnp.json');
  const [found] = lintText('web1.json', '{"a":{"\\n":1,"\\n":2}}');

  assert.match(fault, /^"a\\n2026 info \\u\{202e\}gnp\.json" "\{": is not JSON/);
  assert.match(found === undefined ? '' : describeFault(found), /^web1\.json "\/a\/\\n": stands twice/);
});
