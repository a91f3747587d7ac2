import type { Requirements } from '@pxeboot/config/test/support/requirements';
import { needs } from '@pxeboot/config/test/support/requirements';

import type { LabSettings } from '../../../src/decide/settings.ts';
import { lab as ownLab } from './stack.ts';

/** Options for a suite of tests of the built image; they have network namespaces and an engine of their own.
 * @param more programs that it needs as well */
export function imageSuite(lab: LabSettings = ownLab, more: readonly string[] = []): Requirements {
  return needs('dockerd', 'docker', 'ip', 'nsenter', 'busybox', 'curl', ...more, lab.tarball);
}
