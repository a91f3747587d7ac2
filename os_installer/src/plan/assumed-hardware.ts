import type { DiskHints } from '@pxeboot/config/contract/disk-hints';
import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import { parseSize } from '@pxeboot/config/kit/size';

const assumedBytes = 20 * 2 ** 30;

/** A machine of which nothing is known: one virtio disk, large enough, which every hint names. */
export function assumedHardware(hints: DiskHints, requiredBytes: number): HardwareFacts {
  const node = /^\/dev\/([^/]+)$/.exec(hints.path ?? '')?.[1] ?? 'vda';
  return {
    disks: [
      {
        name: node,
        path: `/dev/${node}`,
        links: hints.path === undefined ? [] : [hints.path],
        sizeBytes: Math.max(assumedBytes, requiredBytes, parseSize(hints.min_size ?? '') ?? 0),
        logicalSectorBytes: 512,
        transport: 'virtio',
        removable: false,
        readOnly: false,
        model: '',
        serial: hints.serial?.trim() ?? '',
        wwn: hints.wwn ?? '',
        uses: [],
      },
    ],
    uefi: true,
    memoryBytes: 2 ** 30,
    availableMemoryBytes: 2 ** 29,
    kernelRelease: 'RELEASE',
  };
}
