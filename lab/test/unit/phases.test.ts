import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comparePhases, phaseOf } from '../../src/decide/phases.ts';

const phases: [line: string, phase: string][] = [
  ['dnsmasq-dhcp: DHCPACK(pxe0) 192.168.105.10 52:54:00:6c:61:0a demo', 'firmware asked for an address'],
  ['dnsmasq-tftp: sent /srv/tftp/ipxe-x86_64.efi to 192.168.105.10', 'firmware loaded iPXE'],
  ['2026-01-02T03:04:05+00:00 info nginx GET "/ipxe?mac=52:54:00:6c:61:0a" status=200', 'iPXE asked for its script'],
  ['… info nginx GET "/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64" status=200', 'iPXE loads the kernel'],
  ['… info nginx GET "/config/52:54:00:6c:61:0a" status=200', 'installer started'],
  [
    '… info boot_handler status mac=52:54:00:6c:61:0a vm=demo seq=9 step=unpack state=finished took=24712',
    'unpack finished (24.7 s)',
  ],
  [
    '… warn boot_handler status mac=52:54:00:6c:61:0a vm=demo seq=9 step=plan state=failed message="no disk"',
    'plan failed',
  ],
];

for (const [line, phase] of phases) {
  test(`a line of the log is told as "${phase}"`, () => {
    assert.equal(phaseOf(line), phase);
  });
}

test('lines that begin or end no phase are not told', () => {
  const lines = [
    '',
    '… info boot_handler status mac=52:54:00:6c:61:0a vm=demo seq=8 step=unpack state=progress bytes=100',
    '… info nginx GET "/healthz" status=200',
    'dnsmasq-tftp: error 0 User aborted the transfer received from 192.168.105.10',
  ];

  assert.deepEqual(lines.map(phaseOf), [undefined, undefined, undefined, undefined]);
});

test('phases stand beside those of the prototype, also one that was not seen', () => {
  const seen = new Map([
    ['firmware loaded iPXE', 8.44],
    ['unpack finished (39.0 s)', 64.2],
    ['unpack failed', 1],
  ]);

  const lines = comparePhases(seen).map((line) => line.trim().split(/ {2,}/));

  assert.equal(new Set(comparePhases(seen).map(({ length }) => length)).size, 1);
  assert.deepEqual(lines.slice(0, 3), [
    ['seconds until', 'here', 'prototype'],
    ['firmware has an address and iPXE', '8.4', '8.2'],
    ['iPXE runs its script', 'not seen', '8.5'],
  ]);
  assert.deepEqual(lines.at(-2), ['root file system unpacked', '64.2', '43.1']);
});
