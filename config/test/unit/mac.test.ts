import assert from 'node:assert/strict';
import { test } from 'node:test';

import { macProblem, parseMac } from '../../kit/mac.ts';

for (const spelling of [
  '52:54:00:AB:cd:01',
  '52-54-00-ab-cd-01',
  '5254.00ab.cd01',
  '525400abcd01',
  ' 52:54:00:ab:cd:01\n',
  // macOS's arp(8), and Solaris.
  '52:54:0:AB:cd:1',
  '52-54-0-ab-cd-1',
  // PXELINUX, BOOTIF=, and a client identifier of DHCP.
  '01-52-54-00-ab-cd-01',
  '01:52:54:00:ab:cd:01',
  '1:52:54:0:ab:cd:1',
  // Huawei, 3Com, HPE ProCurve.
  '5254-00ab-cd01',
  '5254:00AB:CD01',
  '525400-abcd01',
]) {
  test(`the MAC ${JSON.stringify(spelling)} is read`, () => {
    assert.equal(parseMac(spelling), '52:54:00:ab:cd:01');
  });
}

test('the address that macOS shows without its zeros is the whole one', () => {
  assert.equal(parseMac('52:54:0:0:0:11'), '52:54:00:00:00:11');
  assert.equal(parseMac('8:0:37:d7:a:45'), '08:00:37:d7:0a:45');
});

const refused: [string, string][] = [
  ['', 'is not a MAC address'],
  ['52:54:00:ab:cd:zz', 'is not a MAC address'],
  [
    '52:54:00:ab:cd',
    'is not a MAC address: it has 5 groups of 2, 2, 2, 2, 2 digits, so which zeros were left out cannot be told',
  ],
  ['52:54-00:ab:cd:01', 'is not a MAC address: it mixes ":" and "-"'],
  ['5254.00ab-cd01', 'is not a MAC address: it mixes "." and "-"'],
  ['5254:00:ab:cd:01', 'is not a MAC address: it has 5 groups of 4, 2, 2, 2, 2 digits'],
  ['52540011', 'is not a MAC address: it has 8 digits, not 12, so which zeros were left out cannot be told'],
  ['5254.0.11', 'is not a MAC address: it has 3 groups of 4, 1, 2 digits, so which zeros were left out cannot be told'],
  ['0152.5400.abcd.01', 'is not a MAC address: it has 4 groups of 4, 4, 4, 2 digits'],
  ['01525400abcd01', 'is not a MAC address: it has 14 digits, not 12'],
  ['20-52-54-00-ab-cd-01', 'is not a MAC address: its hardware type is 32, and 1 is Ethernet'],
  ['52:54:00:ab:cd:01:02', 'is not a MAC address: its hardware type is 82, and 1 is Ethernet'],
  ['52:54:00:ff:fe:ab:cd:01', 'is not a MAC address: it has 8 groups of 2, 2, 2, 2, 2, 2, 2, 2 digits'],
  ['a:'.repeat(31) + 'a', 'is not a MAC address: it has 32 groups'],
  ['a:'.repeat(4000) + 'a', 'is not a MAC address'],
  // A guest or a definition may send so much: the time must not grow with its square.
  [`${'a'.repeat(1_000_000)}g`, 'is not a MAC address'],
  ['52\u201354\u201300\u2013ab\u2013cd\u201301', 'is not a MAC address: it has a typographic hyphen or colon'],
];
for (const [text, problem] of refused) {
  test(`${JSON.stringify(text.slice(0, 40))} is refused with its reason`, () => {
    assert.equal(macProblem(text), problem);
    assert.equal(parseMac(text), undefined);
  });
}

for (const text of ['00:00:00:00:00:00', '0:0:0:0:0:0', '01-00-00-00-00-00-00', 'ff:ff:ff:ff:ff:ff', '1:0:5e:0:0:1']) {
  test(`${JSON.stringify(text)} is no MAC of a network card`, () => {
    assert.match(macProblem(text) ?? '', /^is no machine's address: /);
    assert.equal(parseMac(text), undefined);
  });
}
