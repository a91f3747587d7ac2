import type { Writable } from 'node:stream';

import type { SystemTree } from './system-tree.ts';

/** A root file system that is about to be packed. */
export interface RootSource {
  system: SystemTree;
  /** Length of its tar archive. */
  tarBytes: number;
  /** What was found, for image.json. */
  partitions: string[];
  /** Writes the tar archive and ends the destination.
   * @param advance receives how many bytes were written
   * @throws CommandError tar failed, or the work was interrupted */
  writeTar(destination: Writable, options: { advance: (bytes: number) => void; signal: AbortSignal }): Promise<void>;
}
