import type { Arch } from '@pxeboot/config/contract/architecture';

import { parseDlopenNotes, type DlopenNote } from './elf-notes.ts';

/** What the build must know of an ELF file to make it run: all that the dynamic loader will ask for. */
export interface ElfFacts {
  arch: Arch;
  /** PT_INTERP, such as "/lib64/ld-linux-x86-64.so.2"; a static program and a library have none. */
  interpreter?: string;
  /** DT_NEEDED, in order. */
  needed: string[];
  /** DT_RUNPATH (or the older DT_RPATH), split at colons. */
  runpath: string[];
  /** Libraries loaded at run time, which `ldd` does not show. */
  dlopen: DlopenNote[];
}

interface ProgramHeader {
  type: number;
  offset: number;
  address: number;
  size: number;
  align: number;
}

// elf(5)
const machines = new Map<number, Arch>([
  [62, 'x86_64'],
  [183, 'aarch64'],
]);
const segment = { load: 1, dynamic: 2, interpreter: 3, note: 4 };
const tag = { end: 0, needed: 1, stringTable: 5, rpath: 15, runpath: 29 };

/** Reads an ELF file; undefined when the bytes are not ELF at all (a script, data).
 * @throws Error an ELF file that is not 64-bit little-endian of a known machine, or is cut short */
export function parseElf(bytes: Uint8Array): ElfFacts | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 64 || view.readUInt32BE(0) !== 0x7f454c46) return undefined;
  if (view[4] !== 2 || view[5] !== 1) throw new Error('ELF file is not 64-bit little-endian');
  const machine = view.readUInt16LE(18);
  const arch = machines.get(machine);
  if (arch === undefined) throw new Error(`ELF machine "${machine}" is neither x86_64 (62) nor aarch64 (183)`);

  const headers = readProgramHeaders(view);
  const interpreter = headers.find((header) => header.type === segment.interpreter);
  return {
    arch,
    ...(interpreter && { interpreter: readString(view, interpreter.offset) }),
    ...readDynamic(view, headers),
    dlopen: headers
      .filter((header) => header.type === segment.note)
      .flatMap((header) => parseDlopenNotes(slice(view, header.offset, header.size), header.align)),
  };
}

function readProgramHeaders(view: Buffer): ProgramHeader[] {
  const start = readNumber(view, 32);
  const entrySize = view.readUInt16LE(54);
  return Array.from({ length: view.readUInt16LE(56) }, (_, index) => {
    const header = slice(view, start + index * entrySize, 56);
    return {
      type: header.readUInt32LE(0),
      offset: readNumber(header, 8),
      address: readNumber(header, 16),
      size: readNumber(header, 32),
      align: readNumber(header, 48),
    };
  });
}

function readDynamic(view: Buffer, headers: ProgramHeader[]): Pick<ElfFacts, 'needed' | 'runpath'> {
  const dynamic = headers.find((header) => header.type === segment.dynamic);
  if (dynamic === undefined) return { needed: [], runpath: [] };

  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size; at += 16) {
    const entry = slice(view, at, 16);
    const entryTag = Number(entry.readBigUInt64LE(0));
    if (entryTag === tag.end) break;
    entries.push({ tag: entryTag, value: Number(entry.readBigUInt64LE(8)) });
  }

  const stringTable = fileOffset(headers, entries.find((entry) => entry.tag === tag.stringTable)?.value ?? 0);
  const strings = (...tags: number[]): string[] =>
    entries.filter((entry) => tags.includes(entry.tag)).map((entry) => readString(view, stringTable + entry.value));
  return {
    needed: strings(tag.needed),
    runpath: strings(tag.rpath, tag.runpath).flatMap((text) => text.split(':')),
  };
}

/** Where in the file the byte lies that is loaded at this address. */
function fileOffset(headers: ProgramHeader[], address: number): number {
  const holder = headers.find(
    ({ type, address: start, size }) => type === segment.load && start <= address && address < start + size,
  );
  if (holder === undefined) throw new Error(`ELF address 0x${address.toString(16)} lies in no loaded segment`);
  return holder.offset + address - holder.address;
}

function readString(view: Buffer, offset: number): string {
  const end = view.indexOf(0, offset);
  if (offset >= view.length || end < 0) throw new Error(`ELF string at offset ${offset} is cut short`);
  return view.toString('utf8', offset, end);
}

function readNumber(view: Buffer, offset: number): number {
  return Number(view.readBigUInt64LE(offset));
}

function slice(view: Buffer, offset: number, size: number): Buffer {
  if (offset + size > view.length) {
    throw new Error(`ELF file is cut short: ${offset + size} bytes wanted, ${view.length} there`);
  }
  return view.subarray(offset, offset + size);
}
