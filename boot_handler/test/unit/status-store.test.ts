import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import type { StatusEvent } from '@pxeboot/config/contract/status-event';

import type { StatusStore } from '../../src/status/status-store.ts';
import { createStatusStore } from '../../src/status/status-store.ts';

/** A store whose clock advances by one second with each event. */
function createStore(limits?: Parameters<typeof createStatusStore>[1]): StatusStore {
  let seconds = 0;
  return createStatusStore(() => new Date(Date.UTC(2026, 0, 2, 3, 4, seconds++)), limits);
}

function event(seq: number, given: Partial<StatusEvent> = {}): StatusEvent {
  return { seq, at: `run 1, ${seq}`, step: 'format', state: 'started', ...given };
}

function facts(memoryBytes: number): HardwareFacts {
  return { disks: [], uefi: true, memoryBytes, availableMemoryBytes: 0, kernelRelease: '' };
}

function seqs(store: StatusStore, mac: string): number[] {
  return store.events(mac).map(({ seq }) => seq);
}

const wide = { vms: 10, firstEvents: 10, lastEvents: 10, bytes: 2 ** 20 };

test('events are kept in order with the time of their arrival, and a new run begins with number 1', () => {
  const store = createStore();
  for (const seq of [1, 2, 3, 1, 2]) store.add('a', event(seq, { at: `${seq}` }));

  assert.deepEqual(store.events('a'), [
    { ...event(1, { at: '1' }), received_at: '2026-01-02T03:04:03.000Z' },
    { ...event(2, { at: '2' }), received_at: '2026-01-02T03:04:04.000Z' },
  ]);
  assert.deepEqual(store.events('b'), []);
});

test('memory is bounded by events per VM, of which the first and the newest are kept, and by VMs', () => {
  const store = createStore({ ...wide, vms: 2, firstEvents: 1, lastEvents: 2 });
  for (const seq of [1, 2, 3, 4, 5]) store.add('a', event(seq));
  store.add('b', event(1));
  store.add('a', event(6));
  store.add('c', event(1));

  assert.deepEqual(seqs(store, 'a'), [1, 5, 6]);
  assert.deepEqual(seqs(store, 'b'), [], 'the VM that was silent longest is forgotten');
  assert.deepEqual(seqs(store, 'c'), [1]);
});

test('memory is bounded by the bytes of all VMs together, and the VM that speaks is never forgotten', () => {
  const store = createStore({ ...wide, bytes: 20_000 });
  const long = { message: 'x'.repeat(4_000) };
  store.add('a', event(1, { ...long, facts: facts(1) }));
  store.add('b', event(1, long));
  const before = [seqs(store, 'a'), seqs(store, 'b')];
  store.add('c', event(1, long));
  const after = [seqs(store, 'a'), store.facts('a'), seqs(store, 'b'), seqs(store, 'c')];
  store.add('c', event(2, { ...long, facts: { ...facts(1), kernelRelease: 'x'.repeat(9_000) } }));

  assert.deepEqual(before, [[1], [1]]);
  assert.deepEqual(after, [[], undefined, [1], [1]]);
  assert.deepEqual([seqs(store, 'b'), seqs(store, 'c')], [[], [1, 2]]);
});

test('bytes that are forgotten are free again', () => {
  const store = createStore({ ...wide, bytes: 20_000 });
  const long = { message: 'x'.repeat(4_000), facts: facts(1) };
  for (let round = 1; round <= 100; round++) store.add('a', event(1, { ...long, at: `run ${round}` }));
  store.add('b', event(1, long));

  assert.deepEqual([seqs(store, 'a'), seqs(store, 'b')], [[1], [1]]);
});

test('hardware is kept once for each VM, apart from its events', () => {
  const store = createStore();
  store.add('a', event(1, { facts: facts(1) }));
  store.add('a', event(2, { facts: facts(2) }));
  store.add('a', event(3));

  assert.ok(store.events('a').every((kept) => !('facts' in kept)));
  assert.deepEqual(seqs(store, 'a'), [1, 2, 3]);
  assert.deepEqual(store.facts('a'), facts(2));
});

test('an event that comes twice, since its answer was lost, is kept once, from when it came first', () => {
  const store = createStore();
  for (const seq of [1, 2, 2]) store.add('a', event(seq));
  store.add('a', event(3, { state: 'progress', bytes: 1 }));
  store.add('a', event(3, { state: 'progress', bytes: 1 }));

  assert.deepEqual(
    store.events('a').map(({ seq, received_at }) => [seq, received_at.slice(17, 19)]),
    [
      [1, '00'],
      [2, '01'],
      [3, '03'],
    ],
  );
});

/** What an installation reports until it unpacks, numbered from 1. */
const beginning: Partial<StatusEvent>[] = [
  { step: 'prepare', state: 'started' },
  { step: 'prepare', state: 'progress', facts: facts(1) },
  { step: 'prepare', state: 'finished' },
  { step: 'unpack', state: 'started' },
];

function startedStore(): StatusStore {
  const store = createStore();
  for (const [index, given] of beginning.entries()) store.add('a', event(index + 1, given));
  return store;
}

function shown(store: StatusStore): string[] {
  return store.events('a').map(({ seq, step, state }) => `${seq} ${step} ${state}`);
}

const begun = ['1 prepare started', '2 prepare progress', '3 prepare finished', '4 unpack started'];

test('of ten minutes of progress the newest is kept, and the record still has its beginning and its end', () => {
  const store = startedStore();
  for (let seq = 5; seq < 605; seq++) store.add('a', event(seq, { step: 'unpack', state: 'progress', bytes: seq }));
  const during = store.events('a').at(-1);
  store.add('a', event(605, { step: 'unpack', state: 'finished' }));

  assert.deepEqual([during?.bytes, during?.received_at], [604, '2026-01-02T03:14:03.000Z']);
  assert.deepEqual(shown(store), [...begun, '604 unpack progress', '605 unpack finished']);
  assert.deepEqual(store.facts('a'), facts(1));
});

test('progress of another step, and a warning, take nobody’s place', () => {
  const store = startedStore();
  const warning: Partial<StatusEvent> = { step: 'unpack', state: 'progress', message: 'warning: slow' };
  store.add('a', event(5, { step: 'unpack', state: 'progress', bytes: 1 }));
  store.add('a', event(6, warning));
  store.add('a', event(7, warning));
  store.add('a', event(8, { step: 'unpack', state: 'progress', bytes: 2 }));
  store.add('a', event(9, { step: 'install-kernel', state: 'progress', bytes: 1 }));

  assert.deepEqual(shown(store), [
    ...begun,
    ...['6 unpack progress', '7 unpack progress', '8 unpack progress', '9 install-kernel progress'],
  ]);
});

test('progress after events that were lost, or that comes twice, is the newest all the same', () => {
  const store = startedStore();
  for (const seq of [5, 40, 40, 41]) store.add('a', event(seq, { step: 'unpack', state: 'progress', bytes: seq }));

  assert.deepEqual(shown(store), [...begun, '41 unpack progress']);
});

test('a new run that begins while another unpacked has nothing of it, whatever of its beginning was lost', () => {
  for (const first of [1, 2, 5]) {
    const store = startedStore();
    store.add('a', event(5, { step: 'unpack', state: 'progress', bytes: 1 }));
    store.add('a', event(first, { at: 'run 2', step: 'prepare', state: 'progress', facts: facts(2) }));

    assert.deepEqual(shown(store), [`${first} prepare progress`]);
    assert.deepEqual(store.facts('a'), facts(2));
  }
});

test('a run whose last event is a success is one, however much progress it reported', () => {
  const store = startedStore();
  store.add('a', event(5, { step: 'unpack', state: 'progress', bytes: 1 }));
  const before = [store.succeeded('a'), store.doneToken('a')];
  store.add('a', event(6, { step: 'install', state: 'finished', reinstall_token: 't' }));

  assert.deepEqual([...before, store.succeeded('a'), store.doneToken('a')], [false, undefined, true, 't']);
});

test('a guest that invents steps fills no more than its record, which keeps its beginning', () => {
  const store = startedStore();
  for (let seq = 5; seq <= 1000; seq++) store.add('a', event(seq, { step: `${seq}`, state: 'progress', bytes: 1 }));

  assert.deepEqual(shown(store).slice(0, 4), begun);
  assert.deepEqual(
    [seqs(store, 'a').length, seqs(store, 'a')[15], seqs(store, 'a')[16], seqs(store, 'a').at(-1)],
    [64, 16, 953, 1000],
  );
});
