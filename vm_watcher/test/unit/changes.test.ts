import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedEntry, PublishedState } from '@pxeboot/config/contract/published-state';
import { sampleVm } from '@pxeboot/config/test/support/sample-vm';

import { changesBetween } from '../../src/decide/changes.ts';

const fault = {
  file: 'web1.json',
  path: '/mac',
  value: '"zz"',
  problem: 'is not valid',
  fix: 'expected six hex pairs',
};
const good: PublishedEntry = {
  file: 'web1.json',
  fingerprint: 'a',
  state: 'ok',
  definition: sampleVm({ ip: '192.168.105.20' }),
  faults: [],
  since: '2026-01-01T00:00:00.000Z',
};
const lastGood: PublishedEntry = { ...good, fingerprint: 'b', state: 'last-good', faults: [fault], since: 'later' };

function state(...entries: PublishedEntry[]): PublishedState {
  return { version: 1, entries };
}

test('a VM that comes, changes, breaks, recovers and goes gives one line each', () => {
  const changed = { ...good, fingerprint: 'c', definition: sampleVm({ ip: '192.168.105.30' }) };
  const added = { file: 'web1.json', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };

  assert.deepEqual(changesBetween(undefined, state(good)), [{ level: 'info', message: 'vm added', fields: added }]);
  assert.deepEqual(changesBetween(state(good), state(changed)), [
    { level: 'info', message: 'vm changed', fields: { ...added, ip: '192.168.105.30' } },
  ]);
  assert.deepEqual(changesBetween(state(good), state(lastGood)), [
    {
      level: 'warn',
      message: 'vm file has a fault, its last good version stays in force',
      fields: { file: 'web1.json', fault: 'web1.json /mac "zz": is not valid; expected six hex pairs' },
    },
  ]);
  assert.deepEqual(changesBetween(state(lastGood), state(good)), [
    { level: 'info', message: 'vm file good again', fields: added },
  ]);
  assert.deepEqual(changesBetween(state(good), state()), [
    { level: 'info', message: 'vm removed', fields: { file: 'web1.json' } },
  ]);
});

test('a file that was only touched, and a fault that is the same as before, give none', () => {
  const touched = { ...good, fingerprint: 'c', since: 'later' };
  const stillBroken = { ...lastGood, fingerprint: 'c', since: 'much later' };

  assert.deepEqual(changesBetween(state(good), state(touched)), []);
  assert.deepEqual(changesBetween(state(lastGood), state(stillBroken)), []);
});

test('each fault of a file that was never good is a line of its own', () => {
  const rejected: PublishedEntry = {
    file: 'x.json',
    fingerprint: '',
    state: 'rejected',
    faults: [fault, fault],
    since: '',
  };

  const messages = changesBetween(undefined, state(rejected)).map(({ message }) => message);

  assert.deepEqual(messages, ['vm file has a fault and is not in force', 'vm file has a fault and is not in force']);
});
