// Usage: node check-efi.mjs FILE x86_64|aarch64: the file must be an EFI program for that machine.
// Fields and numbers: Microsoft PE Format, "COFF File Header", "Optional Header" and "Section Table".
import { readFileSync } from 'node:fs';

const machines = { x86_64: 0x8664, aarch64: 0xaa64 };
const efiApplication = 10;

const [file, arch] = process.argv.slice(2);
const problem = findProblem(readFileSync(file), machines[arch]);
if (problem !== undefined) {
  console.error(`check "${file}": ${problem}; expected an EFI program for ${arch}`);
  process.exit(1);
}

function findProblem(bytes, machine) {
  if (bytes.length < 0x40 || bytes.toString('latin1', 0, 2) !== 'MZ') return 'does not begin with "MZ"';
  const header = bytes.readUInt32LE(0x3c);
  if (header + 0x60 > bytes.length || bytes.toString('latin1', header, header + 4) !== 'PE\0\0')
    return 'has no PE header';
  const found = bytes.readUInt16LE(header + 4);
  if (found !== machine) return `is for machine type 0x${found.toString(16)}`;
  const subsystem = bytes.readUInt16LE(header + 0x5c);
  if (subsystem !== efiApplication) return `is for subsystem ${subsystem}`;
  const end = endOfSections(bytes, header);
  return end > bytes.length ? `has ${bytes.length} of at least ${end} bytes` : undefined;
}

/** Where the section table, or the last section's data, ends. */
function endOfSections(bytes, header) {
  const table = header + 24 + bytes.readUInt16LE(header + 20);
  const tableEnd = table + bytes.readUInt16LE(header + 6) * 40;
  if (tableEnd > bytes.length) return tableEnd;
  let end = tableEnd;
  for (let section = table; section < tableEnd; section += 40) {
    end = Math.max(end, bytes.readUInt32LE(section + 16) + bytes.readUInt32LE(section + 20));
  }
  return end;
}
