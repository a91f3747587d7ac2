import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  definitionsInForce,
  emptyState,
  formatPublishedState,
  parsePublishedState,
} from '@pxeboot/config/contract/published-state';
import type { ScannedFile } from '@pxeboot/config/definitions/resolve';
import { resolve } from '@pxeboot/config/definitions/resolve';
import { hostileFile } from '@pxeboot/config/test/support/hostile';
import { seededChance } from '@pxeboot/config/test/support/seeded';

import { changesBetween } from '../../src/decide/changes.ts';
import { hostsFiles } from '../../src/decide/hosts-files.ts';

const name = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ipv4 = String.raw`(?:\d{1,3}\.){3}\d{1,3}`;
const dhcpLine = new RegExp(
  String.raw`^(?:[\da-f]{2}:){5}[\da-f]{2}(?:,${ipv4})?(?:,\[[\da-f:.]+\])?,${name}\.pvmlab\.local$`,
);
const dnsLine = new RegExp(String.raw`^(?:${ipv4}|[\da-f:.]+) (${name})\.pvmlab\.local \1$`);

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

test('whatever is saved, every line of the hosts files is one that an honest author could have caused', () => {
  let inForce = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const chance = seededChance(seed);
    let state = emptyState;
    for (let step = 0; step < 4; step++) {
      const files = Array.from({ length: 8 }, () => hostileFile(chance));
      const scanned = [...new Map(files.map((written) => [written.file, written])).values()].map(
        ({ file, text }): ScannedFile => ({ file, fingerprint: text, kind: 'read', text }),
      );

      const next = resolve(state, scanned, new Date(0));

      const definitions = definitionsInForce(next);
      const { dhcp, dns } = hostsFiles(definitions);
      const at = `seed ${seed} step ${step}`;
      assert.equal(linesOf(dhcp).length, definitions.length, at);
      for (const line of linesOf(dhcp)) assert.match(line, dhcpLine, at);
      for (const line of linesOf(dns)) assert.match(line, dnsLine, at);
      assert.deepEqual(parsePublishedState(formatPublishedState(next)), { ok: true, value: next }, at);
      assert.equal(
        formatPublishedState(next).split('\n').length,
        next.entries.length + (next.entries.length > 0 ? 3 : 4),
        at,
      );
      for (const { fields } of changesBetween(state, next)) assert.doesNotMatch(fields['fault'] ?? '', /\p{Cc}/u, at);
      inForce += definitions.length;
      state = next;
    }
  }
  assert.ok(inForce > 1000, `the generator makes honest files too: ${inForce}`);
});

test('a hundred thousand definitions, all claiming one address, are resolved', () => {
  const files = Array.from({ length: 100_000 }, (_, n): ScannedFile => {
    const pair = (shift: number) => ((n >> shift) & 255).toString(16).padStart(2, '0');
    const mac = `52:54:00:${pair(16)}:${pair(8)}:${pair(0)}`;
    const vm = { name: `vm${n}`, role: 'target', arch: 'x86_64', mac, ip: '10.0.0.1', distro: 'd' };
    return { file: `vm${n}.json`, fingerprint: String(n), kind: 'read', text: JSON.stringify(vm) };
  });

  const state = resolve(undefined, files, new Date(0));

  assert.equal(state.entries.length, 100_000);
  assert.equal(hostsFiles(definitionsInForce(state)).dns, '10.0.0.1 vm0.pvmlab.local vm0\n');
});
