import hardwareFactsSchema from '../schemas/hardware-facts.schema.json' with { type: 'json' };

import type { Result } from './result.ts';
import { compileValidator } from './schema.ts';

/** How a disk is attached. */
export type Transport = 'virtio' | 'xen' | 'nvme' | 'sata' | 'scsi' | 'mmc' | 'usb' | 'other';

/** A disk as the kernel shows it in /sys/block. */
export interface Disk {
  /** Kernel name such as `vda`. */
  name: string;
  path: string;
  /** Other names under /dev/disk/. */
  links: string[];
  sizeBytes: number;
  logicalSectorBytes: number;
  transport: Transport;
  removable: boolean;
  readOnly: boolean;
  model: string;
  serial: string;
  /** World wide name as the kernel writes it; empty when it has none. */
  wwn: string;
  /** What it is used for now, in words; empty when it is free. */
  uses: string[];
}

/** The machine, read without changing anything. */
export interface HardwareFacts {
  disks: Disk[];
  uefi: boolean;
  memoryBytes: number;
  /** What programs can still take of it: MemAvailable of proc_meminfo(5). */
  availableMemoryBytes: number;
  kernelRelease: string;
}

const validate = compileValidator(hardwareFactsSchema);

/** Validates what a guest has reported.
 * @param source who sent it, for faults */
export function parseHardwareFacts(source: string, document: unknown): Result<HardwareFacts> {
  const faults = validate(source, document);
  // The schema has just proven the shape.
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: document as HardwareFacts };
}
