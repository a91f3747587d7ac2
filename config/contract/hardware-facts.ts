import type { Result } from '../kit/fault.ts';
import { shorten } from '../kit/text.ts';
import { hardwareFactsSchema } from './schemas/hardware-facts.schema.ts';
import type { DocumentOf } from './schemas/schema.ts';
import { compileParser } from './validator.ts';

/** The machine, read without changing anything. */
export type HardwareFacts = DocumentOf<typeof hardwareFactsSchema>;

/** A disk as the kernel shows it in /sys/block. */
export type Disk = HardwareFacts['disks'][number];

/** How a disk is attached. */
export type Transport = Disk['transport'];

const parse = compileParser(hardwareFactsSchema, 1);

/** Validates what a guest has reported, and leaves out what is not known here.
 * @param source who sent it, for faults
 * @returns of several faults the first */
export function parseHardwareFacts(source: string, document: unknown): Result<HardwareFacts> {
  return parse(source, document);
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
