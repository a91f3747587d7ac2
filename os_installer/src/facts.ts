import type { Checksums } from './checksums.ts';

/** A disk as the kernel shows it in /sys/block. */
export interface Disk {
  /** Kernel name such as `vda`. */
  name: string;
  path: string;
  sizeBytes: number;
  logicalSectorBytes: number;
  removable: boolean;
  readOnly: boolean;
  model: string;
  serial: string;
}

/** The machine, read without changing anything. */
export interface HardwareFacts {
  disks: Disk[];
  /** The disk that config.disk.path names after following links; absent without the hint or when nothing is there. */
  hintedDisk?: string;
  uefi: boolean;
  memoryBytes: number;
  kernelRelease: string;
}

/** What the server offers, checked before anything is erased. */
export interface SourceFacts {
  /** Length of the root file system's tarball; absent when the server does not say. */
  rootfsBytes?: number;
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
