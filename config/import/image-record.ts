import type { Arch } from '../contract/architecture.ts';

/** Name of the file next to the image's files that says where they came from. */
export const recordFile = 'image.json';

/** What `image.json` holds. */
export interface ImageRecord {
  version: 1;
  source: { name: string; kind: string; bytes: number; sha256: string };
  /** ISO 8601, UTC. */
  imported: string;
  os: { id: string; version: string; name: string };
  arch: Arch;
  /** Release of the kernel. */
  kernel: string;
  /** Length of the root file system's tar archive. */
  unpacked_bytes: number;
  /** What is in the image, and where the system mounts it; one line each. */
  partitions: string[];
  /** What somebody should know, such as a dirty journal. */
  notes: string[];
}
