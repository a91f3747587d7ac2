import type { Arch } from '../../contract/architecture.ts';

/** How many of a program's first bytes tell its architecture. */
export const elfHeaderBytes = 20;
/** elf(5), e_machine. */
const machines: Readonly<Record<number, Arch>> = { 62: 'x86_64', 183: 'aarch64' };

/** By the header of an ELF file.
 * @returns the architecture; else what was found, for people: `a script or data, no ELF program`
 * @see elf(5) */
export function programArchitecture(head: Uint8Array): { arch: Arch } | { found: string } {
  const bytes = Buffer.from(head);
  if (bytes.length < elfHeaderBytes || bytes.readUInt32BE(0) !== 0x7f454c46) {
    return { found: 'a script or data, no ELF program' };
  }
  const machine = bytes[5] === 2 ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18);
  const arch = bytes[4] === 2 && bytes[5] === 1 ? machines[machine] : undefined;
  return arch === undefined
    ? { found: `a program of ELF machine ${machine}, ${bytes[4] === 1 ? 32 : 64} bits` }
    : { arch };
}
