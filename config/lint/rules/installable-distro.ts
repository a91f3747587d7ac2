import type { VmDefinition } from '../../contract/vm-definition.ts';
import { otherFamilyFault } from '../../definitions/distro-family.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** What is to be installed must be of a family that can be; its name may tell before there is an image. */
export function lintDistro(file: string, { role, pxeboot, distro }: VmDefinition): Finding[] {
  const fault = role === 'target' && pxeboot ? otherFamilyFault(distro) : undefined;
  if (fault === undefined) return [];
  return [finding('other-family', 'warning', { ...fault, file })];
}
