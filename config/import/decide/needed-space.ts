import type { Packing } from '../../kit/packing.ts';
import type { InputKind } from './input-kind.ts';

/** zstd halves a root file system at least; kernel, initrd and modules are small next to it. */
const packedShare = 0.5;
/** For kernel, initrd, modules and the ESP's files. */
const restBytes = 200_000_000;
/** The worst that gzip, zstd, xz and bzip2 did to a root file system, as one part of what it becomes when packed again. */
const repackedShare = 1.3;

/** How many bytes an import writes at most, temporary files with them.
 * @param dataBytes what the image holds, without holes; of a tarball its size */
export function neededBytes({ kind, ...input }: InputKind, dataBytes: number): number {
  switch (kind) {
    case 'qcow2':
      return dataBytes + Math.ceil(dataBytes * packedShare) + restBytes;
    case 'raw':
      return Math.ceil(dataBytes * packedShare) + restBytes;
    case 'tarball':
      return repackedBytes('packing' in input ? input.packing : 'tar', dataBytes) + restBytes;
  }
}

/** A layer of a container image, as it lies there. */
export interface PackedLayer {
  packing: Packing;
  bytes: number;
}

/** The same of a container image. */
export function layersNeedBytes(layers: readonly PackedLayer[]): number {
  return layers.reduce((sum, { packing, bytes }) => sum + repackedBytes(packing, bytes), restBytes);
}

function repackedBytes(packing: Packing, bytes: number): number {
  return Math.ceil(bytes * (packing === 'tar' ? packedShare : repackedShare));
}
