import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { lab } from './lab.ts';

const programs = ['qemu-system-x86_64', 'qemu-img', 'dockerd', 'docker', 'ip', 'nsenter', 'curl', 'ssh'];

/** Options for a suite of end-to-end tests: skipped with the reason, or failed where everything must run (REQUIRE_ALL=1). */
export function endToEndSuite(more: readonly string[] = []): { skip: string | false; timeout: number } {
  const reason = missing([...programs, ...more]);
  if (reason !== undefined) {
    if (process.env['REQUIRE_ALL'] === '1') throw new Error(`the end-to-end tests cannot run: ${reason}`);
    console.log(`skipped, the end-to-end tests: ${reason}`);
  }
  return { skip: reason ?? false, timeout: 40 * 60_000 };
}

function missing(needed: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, for a network namespace and an engine of its own';
  const absent = needed.filter((program) => !isInPath(program));
  if (absent.length > 0) return `needs ${absent.join(', ')}; "make setup FOREIGN=1" installs them`;
  if (!existsSync(lab.tarball)) return `needs ${lab.tarball}; "make image" writes it`;
  return undefined;
}

function isInPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, program)));
}
