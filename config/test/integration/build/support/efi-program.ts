/** A PE file as far as the check looks, with two sections. @see Microsoft PE Format, "COFF File Header", "Optional Header" and
 * "Section Table" */
export function efiProgram(machine: number, subsystem = 10): Buffer {
  const bytes = Buffer.alloc(0x400);
  bytes.write('MZ', 0);
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(machine, 0x84);
  bytes.writeUInt16LE(2, 0x86);
  bytes.writeUInt16LE(0x70, 0x80 + 20);
  bytes.writeUInt16LE(subsystem, 0x80 + 0x5c);
  const table = 0x80 + 24 + 0x70;
  for (const [index, start] of [0x200, 0x300].entries()) {
    bytes.writeUInt32LE(0x100, table + index * 40 + 16);
    bytes.writeUInt32LE(start, table + index * 40 + 20);
  }
  return bytes;
}
