import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Options of a test, or of a suite of them. */
export interface Requirements {
  /** Why it cannot run here. */
  skip: string | false;
}

/** Options of a test that cannot run everywhere: skipped with the reason, or failed where all must run (REQUIRE_ALL=1).
 * @param reason why it cannot run here; undefined when it can */
export function unlessMissing(reason: string | undefined): Requirements {
  if (reason === undefined) return { skip: false };
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(`this test cannot run: ${reason}`);
  console.log(`skipped: ${reason}`);
  return { skip: reason };
}

/** Options of a test that needs root and what is named: programs by their name, files by their whole path. */
export function needs(...names: string[]): Requirements {
  return unlessMissing(process.getuid?.() === 0 ? lackOf(...names) : 'needs root');
}

/** What is missing of programs and files, and what makes it, in words; undefined when all are there. */
export function lackOf(...names: string[]): string | undefined {
  const missing = names.filter((name) => !(isAbsolute(name) ? existsSync(name) : isInPath(name)));
  if (missing.length === 0) return undefined;
  const advice = missing.some((name) => name.endsWith('.tar'))
    ? '"make image" writes the tarball'
    : '"make setup FOREIGN=1" installs the programs';
  return `needs ${missing.join(', ')}; ${advice}`;
}

/** In PATH, or where root's programs are. */
function isInPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, program)));
}
