import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedState } from '@pxeboot/config/contract/published-state';

import { sampleVm } from '../../../config/test/support/sample-vm.ts';
import { directoryNews, filesToWrite } from '../../src/decide/publication.ts';

function stateOf(changes: Parameters<typeof sampleVm>[0], since = '2026-01-01T00:00:00.000Z'): PublishedState {
  const definition = sampleVm(changes);
  const entry = { file: 'web1.json', fingerprint: since, state: 'ok' as const, definition, faults: [], since };
  return { version: 1, entries: [entry] };
}

function writtenBy(state: PublishedState): Map<string, string> {
  return new Map(filesToWrite(new Map(), state).map(({ name, content }) => [name, content]));
}

const state = stateOf({ ip: '192.168.105.20' });

test('the first time every file is written, those that dnsmasq reads before the state', () => {
  assert.deepEqual(
    filesToWrite(new Map(), state).map(({ name, readByDnsmasq }) => [name, readByDnsmasq]),
    [
      ['dhcp-hosts', true],
      ['dns-hosts', true],
      ['vms.json', false],
    ],
  );
});

test('what is written is not written again, and dnsmasq is not told of what it does not read', () => {
  const touched = stateOf({ ip: '192.168.105.20' }, '2026-02-02T00:00:00.000Z');

  assert.deepEqual(filesToWrite(writtenBy(state), state), []);
  assert.deepEqual(
    filesToWrite(writtenBy(state), touched).map(({ name, readByDnsmasq }) => [name, readByDnsmasq]),
    [['vms.json', false]],
  );
});

test('after a failure what was not written yet is left to write', () => {
  const written = writtenBy(state);
  const next = stateOf({ ip: '192.168.105.21' });
  const [first] = filesToWrite(written, next);
  written.set(first?.name ?? '', first?.content ?? '');

  assert.deepEqual(
    filesToWrite(written, next).map(({ name }) => name),
    ['dns-hosts', 'vms.json'],
  );
});

test('a vms directory that cannot be read is told of once for each problem, and once when it is back', () => {
  const waiting = { level: 'warn', message: 'waiting for the vms directory; what was in force stays so' };

  assert.deepEqual(directoryNews(undefined, undefined, '/vms'), []);
  assert.deepEqual(directoryNews(undefined, 'ENOENT', '/vms'), [{ ...waiting, fields: { reason: 'ENOENT' } }]);
  assert.deepEqual(directoryNews('ENOENT', 'ENOENT', '/vms'), []);
  assert.deepEqual(directoryNews('ENOENT', 'EACCES', '/vms'), [{ ...waiting, fields: { reason: 'EACCES' } }]);
  assert.deepEqual(directoryNews('EACCES', undefined, '/vms'), [
    { level: 'info', message: 'vms directory can be read again', fields: { vms: '/vms' } },
  ]);
});
