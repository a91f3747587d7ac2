import hardwareFactsSchema from './schemas/hardware-facts.schema.json' with { type: 'json' };

import type { Result } from '../kit/result.ts';
import { shorten } from '../kit/result.ts';
import { compileValidator } from './validator.ts';

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

const validate = compileValidator(hardwareFactsSchema, 1);

/** Validates what a guest has reported, and leaves out what is not known here.
 * @param source who sent it, for faults
 * @returns of several faults the first */
export function parseHardwareFacts(source: string, document: unknown): Result<HardwareFacts> {
  const faults = validate(source, document);
  // The schema has just proven the shape.
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: knownFacts(document as HardwareFacts) };
}

function knownFacts(reported: HardwareFacts): HardwareFacts {
  const { disks, uefi, memoryBytes, availableMemoryBytes, kernelRelease } = reported;
  return { disks: disks.map(knownDisk), uefi, memoryBytes, availableMemoryBytes, kernelRelease };
}

function knownDisk(reported: Disk): Disk {
  const { name, path, links, sizeBytes, logicalSectorBytes, transport } = reported;
  const { removable, readOnly, model, serial, wwn, uses } = reported;
  return {
    ...{ name, path, links, sizeBytes, logicalSectorBytes, transport },
    ...{ removable, readOnly, model, serial, wwn, uses },
  };
}

const { disks: disksSchema, kernelRelease: releaseSchema } = hardwareFactsSchema.properties;
const { links: linksSchema, uses: usesSchema, ...diskSchema } = disksSchema.items.properties;

/** The facts as the schema takes them: of longer texts the beginning, of longer lists the first. The number of disks stays. */
export function cutFacts(facts: HardwareFacts): HardwareFacts {
  return { ...facts, disks: facts.disks.map(cutDisk), kernelRelease: cutText(facts.kernelRelease, releaseSchema) };
}

function cutDisk(disk: Disk): Disk {
  const { links, model, serial, wwn, uses } = disk;
  return {
    ...disk,
    // A name that is cut would be another one.
    links: links.filter((link) => link.length <= linksSchema.items.maxLength).slice(0, linksSchema.maxItems),
    model: cutText(model, diskSchema.model),
    serial: cutText(serial, diskSchema.serial),
    wwn: cutText(wwn, diskSchema.wwn),
    uses: cutUses(uses),
  };
}

function cutUses(uses: readonly string[]): string[] {
  const fitting = uses.length <= usesSchema.maxItems ? uses : uses.slice(0, usesSchema.maxItems - 1);
  const more = uses.length - fitting.length;
  return [...fitting.map((use) => cutText(use, usesSchema.items)), ...(more > 0 ? [`and ${more} more`] : [])];
}

function cutText(text: string, { maxLength }: { maxLength: number }): string {
  return text.length <= maxLength ? text : shorten(text, maxLength - 1);
}
