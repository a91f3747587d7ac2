import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedEntry } from '@pxeboot/config/contract/published-state';

import { RequestError } from '../../src/http/request-errors.ts';
import { requireMac, requireTarget } from '../../src/vms/find-vm.ts';
import { indexState } from '../../src/vms/vm-index.ts';
import type { VmStore } from '../../src/vms/vm-store.ts';
import { sampleTarget } from '../support/sample-target.ts';

function entry(file: string, fields: Parameters<typeof sampleTarget>[0]): PublishedEntry {
  return { file, fingerprint: '', state: 'ok', definition: sampleTarget(fields), faults: [], since: '' };
}

function fixedStore(...entries: PublishedEntry[]): VmStore {
  const index = indexState({ version: 1, entries });
  return {
    findByMac: (mac) => Promise.resolve(index.byMac.get(mac)),
    findByName: (name) => Promise.resolve(index.byName.get(name)),
    entries: () => Promise.resolve(index.entries),
  };
}

const hasStatus = (status: number) => (error: unknown) => error instanceof RequestError && error.status === status;

test('any common spelling of a MAC is taken, others are 400', () => {
  for (const spelling of ['52-54-00-AA-BB-01', '52:54:0:aa:bb:1', '01-52-54-00-aa-bb-01', '5254-00aa-bb01'])
    assert.equal(requireMac(spelling), '52:54:00:aa:bb:01');
  for (const text of [undefined, '', 'zz', '52:54:00:aa:bb', ['52:54:00:aa:bb:01', 'x']]) {
    assert.throws(() => requireMac(text), hasStatus(400));
  }
});

test('a MAC that no machine has is answered with the reason', () => {
  assert.throws(() => requireMac('00:00:00:00:00:00'), /"00:00:00:00:00:00" is no machine's address: all zeros mean/);
  assert.throws(() => requireMac('01-00-5E-00-00-01'), /"01-00-5E-00-00-01" is no machine's address: it names a group/);
  assert.throws(() => requireMac('zz'), /"zz" is not a MAC address/);
});

test('a target is found by its MAC; an unknown MAC and the provisioner are 404', async () => {
  const store = fixedStore(
    entry('gate.json', { name: 'gate', role: 'provisioner', mac: '52:54:00:aa:bb:02' }),
    entry('web1.json', {}),
  );

  assert.equal((await requireTarget(store, '52:54:00:aa:bb:01')).definition.name, 'web1');
  await assert.rejects(requireTarget(store, '52:54:00:aa:bb:02'), hasStatus(404));
  await assert.rejects(requireTarget(store, '52:54:00:aa:bb:03'), hasStatus(404));
});

test('of two entries with one MAC the first by file name is found', () => {
  const index = indexState({ version: 1, entries: [entry('a.json', { name: 'a' }), entry('b.json', { name: 'b' })] });

  assert.equal(index.byMac.get('52:54:00:aa:bb:01')?.definition.name, 'a');
});
