import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createContentMemory } from '../../definitions/content-memory.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

test('a file is compared while it is new, then in turn, and again when its fingerprint changes', () => {
  const memory = createContentMemory({ hotMs: 1000, filesPerScan: 1 });
  const files = ['a', 'b'];
  const dueAt = (nowMs: number, fingerprint = '1'): string[] => {
    memory.begin(files, nowMs);
    return files.filter((file) => memory.isDue(file, fingerprint));
  };
  assert.deepEqual(dueAt(0), ['a', 'b'], 'never read');
  for (const file of files) memory.isRepeated(file, '1', bytes('x'));

  assert.deepEqual(dueAt(999), ['a', 'b'], 'changed lately');
  assert.deepEqual([dueAt(1000), dueAt(1001), dueAt(1002)], [['a'], ['b'], ['a']], 'in turn');
  assert.deepEqual(dueAt(1003, '2'), ['a', 'b'], 'another fingerprint');
});

test('equal bytes are a repetition, also under another fingerprint; other bytes under the same are not', () => {
  const memory = createContentMemory({ hotMs: 0, filesPerScan: 10 });
  memory.begin(['a'], 0);

  const repeated = [
    memory.isRepeated('a', '1', bytes('x')),
    memory.isRepeated('a', '1', bytes('x')),
    memory.isRepeated('a', '2', bytes('x')),
    memory.isRepeated('a', '2', bytes('y')),
  ];

  assert.deepEqual(repeated, [false, true, true, false]);
});

test('a file that is gone is forgotten', () => {
  const memory = createContentMemory({ hotMs: 0, filesPerScan: 10 });
  memory.begin(['a'], 0);
  memory.isRepeated('a', '1', bytes('x'));

  memory.begin([], 1);
  memory.begin(['a'], 2);

  assert.equal(memory.isRepeated('a', '1', bytes('x')), false);
});

test('of very many changed at once as many are compared again as in turn', () => {
  const memory = createContentMemory({ hotMs: 1000, filesPerScan: 2 });
  const files = ['a', 'b', 'c', 'd', 'e', 'f'];
  memory.begin(files, 0);
  for (const file of files) memory.isRepeated(file, '1', bytes('x'));

  memory.begin(files, 1);

  assert.deepEqual(
    files.filter((file) => memory.isDue(file, '1')),
    ['a', 'b', 'c', 'd'],
  );
});
