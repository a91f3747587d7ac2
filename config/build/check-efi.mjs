// Usage: node check-efi.mjs FILE x86_64|aarch64: the file must be an EFI program for that machine.
// Fields and numbers: Microsoft PE Format, "COFF File Header" and "Optional Header".
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
  return undefined;
}
