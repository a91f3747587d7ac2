import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ipxeLines } from '../../src/render/ipxe-text.ts';

test('plain text stays as it is', () => {
  assert.deepEqual(ipxeLines('images/debian-12 has no kernel, see http://h/api?x=1'), [
    'images/debian-12 has no kernel, see http://h/api?x=1',
  ]);
});

test('what iPXE would expand, comment out, join or execute is taken out', () => {
  assert.deepEqual(ipxeLines('a ${net0/mac} # b && shell || exit ; reboot\nchain `x` \\'), [
    'a net0/mac b shell exit , reboot chain x',
  ]);
});

test('no word begins with a dash, which echo takes for an option', () => {
  assert.deepEqual(ipxeLines('use --help or -n - now'), ['use help or n now']);
});

test('letters outside ASCII are dropped and quotes leave their words', () => {
  assert.deepEqual(ipxeLines('"name": "wéb1" …'), ['name: w b1 ...']);
});

test('long text is wrapped at the screen, long words are cut', () => {
  const lines = ipxeLines(`${'word '.repeat(30)}${'x'.repeat(100)}`);

  assert.ok(lines.every((line) => line.length <= 78));
  assert.equal(lines.join('').replaceAll(/[^x]/g, '').length, 100);
});

test('a long word is cut so that no line begins with a dash', () => {
  assert.deepEqual(ipxeLines(`${'2'.repeat(78)}-01-01.json`), ['2'.repeat(77), '2-01-01.json']);
  for (const dashes of [1, 77, 78, 79, 200])
    for (const line of ipxeLines(`${'2'.repeat(40)}${'-'.repeat(dashes)}x y`)) assert.match(line, /^[^-].{0,77}$/);
});
