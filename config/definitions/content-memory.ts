import { hash } from 'node:crypto';

/** What a scanner remembers of the files' contents, so that a change shows even where size, times and inode do not.
 * File times on shares are coarse or cached: two saves within one tick look like one. */
export interface ContentMemory {
  /** Begins a scan of these files.
   * @param nowMs of a clock that never jumps */
  begin(files: readonly string[], nowMs: number): void;
  /** True when this scan must read the file although its fingerprint is known. */
  isDue(file: string, fingerprint: string): boolean;
  /** Takes note of what was read. @returns true when it is what was read the last time */
  isRepeated(file: string, fingerprint: string, content: Uint8Array): boolean;
}

export interface ContentMemoryOptions {
  /** A file is compared at every scan for this long after its fingerprint changed; of very many at once only some. */
  hotMs: number;
  /** How many others each scan compares, in turn; with as many files or fewer that is all of them, every time. */
  filesPerScan: number;
}

interface Remembered {
  fingerprint: string;
  digest: string;
  /** When this fingerprint was first seen. */
  sinceMs: number;
}

/** A memory that is empty: in the first scan every file is due. */
export function createContentMemory({ hotMs, filesPerScan }: ContentMemoryOptions): ContentMemory {
  let remembered = new Map<string, Remembered>();
  let dueInTurn: ReadonlySet<string> = new Set();
  let from = 0;
  let nowMs = 0;
  let hotLeft = 0;

  return {
    begin(files, now) {
      nowMs = now;
      hotLeft = filesPerScan;
      dueInTurn = new Set(slice(files, from, filesPerScan));
      from = files.length === 0 ? 0 : (from + filesPerScan) % files.length;
      remembered = keep(remembered, files);
    },
    isDue(file, fingerprint) {
      const known = remembered.get(file);
      if (known?.fingerprint !== fingerprint) return true;
      if (dueInTurn.has(file)) return true;
      return nowMs - known.sinceMs < hotMs && hotLeft-- > 0;
    },
    isRepeated(file, fingerprint, content) {
      const digest = hash('sha256', content);
      const known = remembered.get(file);
      const sinceMs = known?.fingerprint === fingerprint ? known.sinceMs : nowMs;
      remembered.set(file, { fingerprint, digest, sinceMs });
      return known?.digest === digest;
    },
  };
}

/** `count` files from position `from` on, going on at the first after the last. */
function slice(files: readonly string[], from: number, count: number): string[] {
  const tail = files.slice(from, from + count);
  return [...tail, ...files.slice(0, Math.min(from, count - tail.length))];
}

function keep(remembered: Map<string, Remembered>, files: readonly string[]): Map<string, Remembered> {
  const kept = new Map<string, Remembered>();
  for (const file of files) {
    const known = remembered.get(file);
    if (known !== undefined) kept.set(file, known);
  }
  return kept;
}
