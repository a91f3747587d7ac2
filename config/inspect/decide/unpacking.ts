import type { Packing } from '../../kit/packing.ts';
import { contentName, packingOf } from '../../kit/packing.ts';
import { zstdWindowBytes } from '../parse/zstd-window.ts';

/** What the installer gives a window at most: zstd's own limit for unpacking (ZSTD_WINDOWLOG_LIMIT_DEFAULT of its zstd.h, 27). */
const largestWindow = 2 ** 27;
const mebibyte = 2 ** 20;

/** How an archive is unpacked, or why it cannot be. */
export type Unpacking = { packing: Packing } | { problem: string; fix: string };

const fetchAgain = 'fetch the image again';

/** By the first bytes of an archive. */
export function unpackingOf(head: Uint8Array): Unpacking {
  const packing = packingOf(head);
  if (packing === undefined) {
    const content = contentName(head);
    return { problem: content === 'empty' ? 'is empty' : `is ${content}, not an archive`, fix: fetchAgain };
  }
  const window = packing === 'zstd' ? (zstdWindowBytes(head) ?? 0) : 0;
  if (window <= largestWindow) return { packing };
  const problem =
    `is packed with a window of ${Math.ceil(window / mebibyte)} MiB; ` +
    `the installer can unpack at most ${largestWindow / mebibyte} MiB`;
  return { problem, fix: 'pack it again without --long' };
}

/** The programs that unpack, each told to write to standard output. Node's own zstd ends after the first of several frames. */
export const unpackers: Readonly<Record<Exclude<Packing, 'tar'>, readonly string[]>> = {
  gzip: ['gzip', '-d', '-c'],
  zstd: ['zstd', '-d', '-c', '-q'],
  xz: ['xz', '-d', '-c', '-q', '--memlimit-decompress=256MiB'],
  bzip2: ['bzip2', '-d', '-c'],
};

/** What a program that unpacks says of an archive it cannot unpack, and what it means; each has its own words. */
const endsEarly = /unexpected end of (?:file|input)|premature (?:end|frame end)|read error \(39\)|ends unexpectedly/i;
const trailing = /trailing garbage|unsupported format|unknown header|file format not recognized/i;
const tooMuchMemory = /memory usage limit/i;

/** Why an archive cannot be unpacked, by the words of the program; undefined when that is the program's trouble, not the archive's. */
export function unpackingFault(program: string, stderr: string): { problem: string; fix: string } | undefined {
  const said = stderr.trim().split('\n')[0] ?? '';
  if (said === '' || tooMuchMemory.test(said)) return undefined;
  if (endsEarly.test(stderr)) return { problem: 'ends in the middle: it was cut short', fix: fetchAgain };
  if (trailing.test(stderr))
    return { problem: `has something behind its end that is none of it (${program}: ${said})`, fix: fetchAgain };
  return { problem: `is corrupt (${program}: ${said})`, fix: fetchAgain };
}
