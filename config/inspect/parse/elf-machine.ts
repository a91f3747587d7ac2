/** How many first bytes of a program tell its machine. */
export const programHeadBytes = 20;

/** e_machine of the ELF header. @see elf(5); the numbers: https://www.sco.com/developers/gabi/latest/ch4.eheader.html */
const machines: ReadonlyMap<number, string> = new Map([
  [3, 'i386'],
  [8, 'mips'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x86_64'],
  [183, 'aarch64'],
  [243, 'riscv64'],
  [258, 'loongarch64'],
]);

/** The machine that a program is for, as `uname -m` has it; undefined for what is no ELF file, such as a script.
 * A number that has no name here reads `machine 243`. @param head its first `programHeadBytes` bytes */
export function elfMachine(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head);
  if (bytes.length < programHeadBytes || bytes.readUInt32BE() !== 0x7f454c46) return undefined;
  const bigEndian = bytes.readUInt8(5) === 2;
  const machine = bigEndian ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18);
  return machines.get(machine) ?? `machine ${machine}`;
}
