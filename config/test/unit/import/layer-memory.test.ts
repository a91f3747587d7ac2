import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { createMemoryBudget, keepEntry } from '../../../import/oci/decide/kept-entries.ts';
import type { LayerMember, MemberType } from '../../../import/oci/read-layer.ts';
import { readLayer } from '../../../import/oci/read-layer.ts';
import { tarOf } from '../../support/root-archive.ts';

const mebibyte = 2 ** 20;

function member(type: MemberType, records: LayerMember['records'] = [], path = 'x'): LayerMember {
  return {
    path,
    type,
    target: '',
    header: Buffer.alloc(512),
    holes: Buffer.alloc(0),
    records,
    content: Readable.from([]),
  };
}

/** Reads all of an archive that comes piece by piece. @returns how many members it has */
async function countMembers(pieces: Iterable<Buffer>): Promise<number> {
  let count = 0;
  for await (const each of readLayer(Readable.from(pieces))) count += each.path === '' ? 0 : 1;
  return count;
}

/** A header of any type, with a change that its checksum knows. */
function headerOf(typeflag: string, size: number, change?: [at: number, value: number]): Buffer {
  const block = tarOf([{ path: 'x' }]).subarray(0, 512);
  block.write(typeflag, 156, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')} `, 124, 'latin1');
  if (change !== undefined) block[change[0]] = change[1];
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

test('an extended header of 1 MiB is read, and a longer one is refused', async () => {
  const record = `${mebibyte} comment=`;
  const body = Buffer.from(`${record}${'x'.repeat(mebibyte - record.length - 1)}\n`);

  assert.equal(await countMembers([headerOf('x', mebibyte), body, tarOf([{ path: 'a' }])]), 1);
  await assert.rejects(countMembers([headerOf('x', mebibyte + 1), body, Buffer.alloc(mebibyte)]), {
    message: 'has an extended header of 1048577 bytes',
  });
});

test('a map of holes that never ends is refused', async () => {
  let blocks = 0;
  /** GNU tar, struct sparse_header: isextended. */
  const more = Buffer.alloc(512);
  more[504] = 1;
  function* endless(): Generator<Buffer> {
    yield headerOf('S', 0, [482, 1]);
    for (; blocks < 100_000; blocks++) yield more;
  }

  await assert.rejects(countMembers(endless()), {
    message: /^has an entry whose map of holes has more than 8388608 bytes$/,
  });
  assert.ok(blocks < 20_000, String(blocks));
});

test('names, headers and records of all layers together have a limit, and so has the number of entries', () => {
  const few = createMemoryBudget();
  const records = [{ key: 'SCHILY.xattr.user.x', value: 'x'.repeat(mebibyte) }];
  const keepMany = (): void => {
    for (let index = 0; index < 520; index++) keepEntry(member('directory', records), index, few);
  };
  assert.throws(keepMany, { message: /^has names and headers of more than 536870912 bytes/ });

  const many = createMemoryBudget();
  for (let index = 0; index < 5_000_000; index++) many.take(1);
  assert.throws(() => many.take(1), { message: /^has more than 5000000 entries/ });
  assert.throws(() => keepEntry(member('file'), 0, many), { message: /^has more than 5000000 entries/ });
});

test('records of files do not count, as nobody keeps them', () => {
  const budget = createMemoryBudget();
  const records = [{ key: 'SCHILY.xattr.user.x', value: 'x'.repeat(mebibyte) }];

  for (let index = 0; index < 1000; index++)
    assert.equal(keepEntry(member('file', records), index, budget).header, undefined);
});

test('what is kept of a member is not a part of something larger', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const inUse = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const budget = createMemoryBudget();
  const before = inUse();

  const kept = Array.from({ length: 100 }, (_, index) => {
    const large = Buffer.alloc(mebibyte, String(index)).toString('latin1');
    const header = Buffer.alloc(mebibyte).subarray(0, 512);
    const records = [{ key: large.slice(0, 30), value: large.slice(100, 200) }];
    return keepEntry(
      { ...member('directory', records, large.slice(0, 50)), header, target: large.slice(7, 70) },
      index,
      budget,
    );
  });

  // What a collection has found to be unused may be freed by a later one.
  let grown = Infinity;
  for (let collections = 0; collections < 20 && grown >= 25 * mebibyte; collections++) grown = inUse() - before;
  assert.ok(grown < 25 * mebibyte, `${grown} bytes for ${kept.length} entries`);
});
