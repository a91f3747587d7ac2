import type { Packing } from '@pxeboot/config/kit/packing';

import type { SourceFacts } from './facts.ts';

/** FAT32 with 4096-byte sectors needs 65,525 clusters, that is 256 MiB and its tables (Microsoft FAT specification 1.03). */
const espMiB = 300;
const mib = 2 ** 20;
const smallestRootMiB = 1536;
/** Where the unpacked length is not known: a gzip tarball of a Debian system grows 2.7 times (measured); the rest is room. */
export const estimatedPerPacked: Readonly<Record<Packing, number>> = {
  ...{ gzip: 3.5, bzip2: 4.5, tar: 1.2 },
  // They pack a Debian system a fifth to a third smaller than gzip does (measured).
  ...{ zstd: 4.5, xz: 5 },
};
/** Where it is: ext4's own tables take 2 %, rounding to blocks 1.5 % (measured); the rest is room. */
const diskPerUnpacked = 1.2;

/** GPT partition types: UEFI 2.10, 5.3.3; Discoverable Partitions Specification for plain Linux data. */
const espPartitionType = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const linuxPartitionType = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';

export const espNumber = 1;
export const rootNumber = 2;

/** Name of the root partition until the last step: such a disk is not installed. */
export const unfinishedName = 'installing';
export const finishedName = 'root';
export const espName = 'ESP';

export const espLabel = 'UEFI';
/** What a direct boot's `root=LABEL=` names. */
export const rootLabel = 'cloudimg-rootfs';

/** How mount(8) calls the file systems. */
export const espType = 'vfat';
export const rootType = 'ext4';

/** `/dev/vda`, 1 -> `/dev/vda1`; a name that ends in a digit gets a `p` between (nvme0n1p1). */
export function partitionPath(disk: string, number: number): string {
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/** Input of sfdisk(8) for a new disk. */
export function partitionScript(): string {
  return [
    'label: gpt',
    `size=${espMiB}MiB, type=${espPartitionType}, name="${espName}"`,
    `type=${linuxPartitionType}, name="${unfinishedName}"`,
    '',
  ].join('\n');
}

/** Bytes that a disk must have for what is to be unpacked. */
export function requiredBytes({
  rootfsBytes,
  packing,
  unpackedBytes,
}: Pick<SourceFacts, 'rootfsBytes' | 'packing' | 'unpackedBytes'>): number {
  const system =
    unpackedBytes === undefined ? rootfsBytes * estimatedPerPacked[packing] : unpackedBytes * diskPerUnpacked;
  return espMiB * mib + Math.max(smallestRootMiB * mib, Math.ceil(system));
}
