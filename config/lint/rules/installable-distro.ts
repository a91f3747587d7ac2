import type { VmDefinition } from '../../contract/vm-definition.ts';
import { otherFamilyFault } from '../../definitions/distro-family.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** What is to be installed must be of a family that can be; its name may tell before there is an image. Without one there is nothing
 * to boot, which is as it should be where the VM has a disk with a system: pvmlab makes such VMs without `pxeboot`. */
export function lintDistro(file: string, { role, pxeboot, distro }: VmDefinition): Finding[] {
  if (role !== 'target') return [];
  if (distro === undefined) {
    const problem = 'is missing, so the VM gets DHCP and DNS, and nothing to boot over the network';
    const fix = 'add "distro", the name of a directory under images/ such as "debian-12"';
    return [finding('no-distro', pxeboot ? 'warning' : 'note', { file, path: '/distro', value: '', problem, fix })];
  }
  const fault = pxeboot ? otherFamilyFault(distro) : undefined;
  if (fault === undefined) return [];
  return [finding('other-family', 'warning', { ...fault, file })];
}
