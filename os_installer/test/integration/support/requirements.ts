import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Options of a test that needs root and programs: skipped with the reason, or failed where all must run (REQUIRE_ALL=1). */
export function needs(...programs: string[]): { skip: string | false } {
  const missing = programs.filter((program) => !isInPath(program));
  const reason =
    process.getuid?.() !== 0 ? 'needs root' : missing.length > 0 ? `needs ${missing.join(', ')}` : undefined;
  if (reason === undefined) return { skip: false };
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(`this test cannot run: ${reason}`);
  console.log(`skipped: ${reason}`);
  return { skip: reason };
}

function isInPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, program)));
}
