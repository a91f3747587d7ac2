import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HardwareFacts } from '@pxeboot/config/hardware-facts';
import type { StatusEvent } from '@pxeboot/config/status-event';

import { createStatusStore } from '../../src/vms/status-store.ts';

function event(seq: number): StatusEvent {
  return { seq, at: '2026-01-02T03:04:05Z', step: 'format', state: 'started' };
}

function facts(memoryBytes: number): HardwareFacts {
  return { disks: [], uefi: true, memoryBytes, availableMemoryBytes: 0, kernelRelease: '' };
}

test('events are kept in order, and a new run begins with number 1', () => {
  const store = createStatusStore();
  for (const seq of [1, 2, 3, 1, 2]) store.add('a', event(seq));

  assert.deepEqual(
    store.events('a').map(({ seq }) => seq),
    [1, 2],
  );
  assert.deepEqual(store.events('b'), []);
});

test('memory is bounded by events per VM and by VMs', () => {
  const store = createStatusStore({ vms: 2, eventsPerVm: 3 });
  for (const seq of [1, 2, 3, 4, 5]) store.add('a', event(seq));
  store.add('b', event(1));
  store.add('a', event(6));
  store.add('c', event(1));

  assert.deepEqual(
    store.events('a').map(({ seq }) => seq),
    [4, 5, 6],
  );
  assert.deepEqual(store.events('b'), [], 'the VM that was silent longest is forgotten');
  assert.equal(store.events('c').length, 1);
});

test('hardware is kept once for each VM, apart from its events', () => {
  const store = createStatusStore();
  store.add('a', { ...event(1), facts: facts(1) });
  store.add('a', { ...event(2), facts: facts(2) });

  assert.deepEqual(store.events('a'), [event(1), event(2)]);
  assert.deepEqual(store.facts('a'), facts(2));
});

test('an event that comes twice, since its answer was lost, is kept once', () => {
  const store = createStatusStore();
  for (const seq of [1, 2, 2]) store.add('a', event(seq));

  assert.deepEqual(store.events('a'), [event(1), event(2)]);
});
