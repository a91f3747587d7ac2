import { InputError } from '@pxeboot/config/kit/errors';
import type { Packing } from '@pxeboot/config/kit/packing';
import { contentName, packingOf } from '@pxeboot/config/kit/packing';

import { formatSize } from './choose-disk.ts';
import {
  gzipUnpackedBytes,
  xzDictionaryBytes,
  xzUnpackedBytes,
  zstdUnpackedBytes,
  zstdWindowBytes,
} from './unpacked-size.ts';

/** The zstd program's own limit (zstd(1), --long): with a larger window it would take that much of the VM's memory. */
const mostWindowBytes = 2 ** 27;

/** How many of a file's last bytes are needed to judge it: gzip's length; xz's index, whose records are of 24 MiB each where several
 * processors packed it (xz(1), --block-size); a tar's end. */
const tailBytes: Record<Packing, number> = { gzip: 4, zstd: 0, xz: 65_536, bzip2: 0, tar: 1_024 };

/** What a file's first bytes tell of it. @returns its packing @throws InputError no archive, or one that cannot be unpacked here */
export function requirePacking(name: string, head: Uint8Array): Packing {
  const packing = packingOf(head);
  if (packing === undefined) {
    throw new InputError(
      `read ${name}: it is ${contentName(head)}, and no root file system as gzip, zstd, xz, bzip2 or plain tar; fetch the image again`,
    );
  }
  const window = windowBytesOf(packing, head);
  if (packing === 'zstd' && window !== undefined && window > mostWindowBytes) {
    throw new InputError(
      `read ${name}: unpacking it takes a window of ${formatSize(window)} of memory (zstd --long, or --ultra), and at most ` +
        `${formatSize(mostWindowBytes)} are given; pack it again: zstd -d --long=31 -c FILE | zstd -19 --long=27`,
    );
  }
  return packing;
}

/** Memory that unpacking takes for what was packed, by a file's first bytes; undefined where it is little. */
export function windowBytesOf(packing: Packing, head: Uint8Array): number | undefined {
  if (packing === 'zstd') return zstdWindowBytes(head);
  return packing === 'xz' ? xzDictionaryBytes(head) : undefined;
}

/** How many of its last bytes `unpackedBytesOf` and `requireEnd` want to see. */
export function tailBytesFor(packing: Packing): number {
  return tailBytes[packing];
}

/** A file as far as it was read. */
export interface ReadParts {
  /** Its first bytes. */
  head: Uint8Array;
  /** Its last ones, as many as `tailBytesFor` says; none where they could not be had. */
  tail: Uint8Array;
  /** Its length. */
  bytes: number;
}

/** Length of what it unpacks to; undefined where that is not known for sure. bzip2 does not say. */
export function unpackedBytesOf(packing: Packing, { head, tail, bytes }: ReadParts): number | undefined {
  switch (packing) {
    case 'gzip':
      return gzipUnpackedBytes(tail, bytes);
    case 'zstd':
      return zstdUnpackedBytes(head.subarray(0, 18), bytes);
    case 'xz':
      return xzUnpackedBytes(tail, bytes);
    case 'bzip2':
      return undefined;
    case 'tar':
      return bytes;
  }
}

/** Of what nothing but tar reads, the end is checked too: tar takes an archive that ends between two files for whole.
 * @throws InputError a plain tar lacks its end mark, two blocks of zeros (POSIX pax(1)) */
export function requireEnd(name: string, packing: Packing, { tail }: ReadParts): void {
  if (packing !== 'tar' || tail.length === 0) return;
  if (tail.length === tailBytes.tar && tail.every((byte) => byte === 0)) return;
  throw new InputError(
    `read ${name}: this tar archive has no end mark, two blocks of zeros: it was cut short; fetch the image again`,
  );
}
