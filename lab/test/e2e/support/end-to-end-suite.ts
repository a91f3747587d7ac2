import type { Requirements } from '@pxeboot/config/test/support/requirements';
import { needs } from '@pxeboot/config/test/support/requirements';

import { lab } from './test-lab.ts';

const programs = ['qemu-system-x86_64', 'qemu-img', 'dockerd', 'docker', 'ip', 'nsenter', 'curl', 'ssh'];

/** Options for a suite of end-to-end tests; they have a network namespace and an engine of their own.
 * @param more programs that it needs as well */
export function endToEndSuite(more: readonly string[] = []): Requirements & { timeout: number } {
  return { ...needs(...programs, ...more, lab.tarball), timeout: 40 * 60_000 };
}
