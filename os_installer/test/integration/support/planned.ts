import type { StepKind, StepOf } from '../../../src/steps/index.ts';
import { plan, stepIn } from '../../unit/sample-machine.ts';

/** The release of the kernel in that plan. */
export const release = '6.1.0-56-cloud-amd64';

/** What makes a root file system one of the Debian family, with cloud-init. */
export const debian = { 'etc/os-release': 'ID=debian\n', 'usr/bin/cloud-init': '#!/bin/sh\n' };

/** A step of the plan for one virtio disk. */
export function stepOf<Kind extends StepKind>(kind: Kind): StepOf<Kind> {
  return stepIn(plan().steps, kind);
}
