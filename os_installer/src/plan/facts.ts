import type { Packing } from '@pxeboot/config/kit/packing';

import type { Checksums } from './checksums.ts';

/** What the server offers, checked before anything is erased. */
export interface SourceFacts {
  /** Length of the root file system's tarball. */
  rootfsBytes: number;
  /** How it is packed, by its first bytes. */
  packing: Packing;
  /** Memory that unpacking takes for the packing's window or dictionary; absent where that is little or not known. */
  windowBytes?: number;
  /** Length of what the tarball unpacks to, as its compression says; absent when that is not known for sure. */
  unpackedBytes?: number;
  /** Content of SHA256SUMS beside the tarball; absent when there is none. */
  checksums?: Checksums;
  seed: SeedFile[];
}

export interface SeedFile {
  name: string;
  content: string;
}

/** Identifiers of the new file systems, chosen before the plan is made so that the plan is complete. */
export interface FileSystemIds {
  rootUuid: string;
  /** FAT volume id: eight hex digits, upper case. */
  espVolumeId: string;
}
