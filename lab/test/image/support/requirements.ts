import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { LabSettings } from '../../../src/decide/settings.ts';

import { lab as ownLab } from './stack.ts';

const programs = ['dockerd', 'docker', 'ip', 'nsenter', 'busybox', 'curl'];

function missingForImageTests(lab: LabSettings, needed: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces and an engine of its own';
  const missing = needed.filter((program) => !isInPath(program));
  if (missing.length > 0) return `needs ${missing.join(', ')}; "make setup" installs them`;
  if (!existsSync(lab.tarball)) return `needs "${lab.tarball}"; "make image" writes it`;
  return undefined;
}

/** Options for a suite of image tests: skipped with the reason, or failed where everything must run (REQUIRE_ALL=1). */
export function imageSuite(lab: LabSettings = ownLab, more: readonly string[] = []): { skip: string | false } {
  const reason = missingForImageTests(lab, [...programs, ...more]);
  if (reason === undefined) return { skip: false };
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(`the tests of the built image cannot run: ${reason}`);
  console.log(`skipped, the tests of the built image: ${reason}`);
  return { skip: reason };
}

function isInPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, program)));
}
