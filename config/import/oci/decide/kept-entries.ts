import { InputError } from '../../../kit/errors.ts';
import type { LayerMember } from '../read-layer.ts';
import type { MergedEntry } from './merge-layers.ts';
import type { PaxRecord } from './tar-header.ts';

/** What is needed to write a directory again. */
export type DirectoryHeader = Pick<LayerMember, 'header' | 'holes' | 'records'>;
export type KeptEntry = MergedEntry & { header?: DirectoryHeader };

/** Ten times those of a large system. */
const mostEntries = 5_000_000;
/** A hundred bytes for each of them. */
const mostBytes = 512 * 2 ** 20;
/** What V8 needs for a record, in addition to its text. */
const recordBytes = 100;

/** How much of an image's layers is in memory at the same time. */
export interface MemoryBudget {
  /** Counts one more entry. @throws InputError it is one too many */
  take(bytes: number): void;
}

export function createMemoryBudget(): MemoryBudget {
  let [entries, bytes] = [0, 0];
  return {
    take(more) {
      entries += 1;
      bytes += more;
      if (entries > mostEntries)
        throw new InputError(`has more than ${mostEntries} entries, with those of the layers below`);
      if (bytes > mostBytes)
        throw new InputError(`has names and headers of more than ${mostBytes} bytes, with those of the layers below`);
    },
  };
}

/** Takes of a member what merging needs, without what it was cut out of.
 * @param ordinal its number in the layer   @throws InputError it is one too many */
export function keepEntry(member: LayerMember, ordinal: number, budget: MemoryBudget): KeptEntry {
  const { path, type, target, header, holes, records } = member;
  const ofDirectory = type === 'directory' ? header.length + holes.length + bytesOf(records) : 0;
  budget.take(path.length + target.length + ofDirectory);
  const entry = { path: copyOf(path), type, target: copyOf(target), ordinal };
  if (type !== 'directory') return entry;
  const kept = records.map(({ key, value }) => ({ key: copyOf(key), value: copyOf(value) }));
  return { ...entry, header: { header: ownMemory(header), holes: ownMemory(holes), records: kept } };
}

function bytesOf(records: readonly PaxRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + key.length + value.length + recordBytes, 0);
}

/** A part of a string keeps all of it in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** A small Buffer keeps the others in memory that Node made together with it. */
function ownMemory(bytes: Buffer): Buffer {
  return Buffer.from(new Uint8Array(bytes).buffer);
}
