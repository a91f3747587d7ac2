const mib = 2 ** 20;

/** Bytes at each end of a disk or partition that former owners' signatures lie in, and mkfs leaves as they are: ZFS keeps two labels of
 * 256 KiB at each end (OpenZFS, vdev_impl.h), md of version 1.0 and 0.90, DDF and DRBD keep theirs in the last 128 KiB. */
export const endBytes = 4 * mib;

/** UEFI 2.10, 5.3: the partition entries take 16 KiB at least; before them are the protective MBR and the header, after the second copy its header. */
const tableEntriesBytes = 16_384;

/** A range of bytes; the end is not in it. */
export interface ByteRange {
  start: number;
  end: number;
}

/** What is cleared of a partition. */
export function partitionEnds(sizeBytes: number): ByteRange[] {
  return endsBetween(0, sizeBytes);
}

/** What is cleared of a whole disk: all but its new partition table, which lies at both ends. */
export function diskEnds(sizeBytes: number, sectorBytes: number): ByteRange[] {
  return endsBetween(2 * sectorBytes + tableEntriesBytes, sizeBytes - sectorBytes - tableEntriesBytes);
}

function endsBetween(start: number, end: number): ByteRange[] {
  if (end - start <= 2 * endBytes) return [{ start, end }];
  return [
    { start, end: start + endBytes },
    { start: end - endBytes, end },
  ];
}
