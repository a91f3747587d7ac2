import type { VmDefinition } from '../../contract/vm-definition.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Without a distribution there is nothing to boot, which is as it should be where the VM has a disk with a system: pvmlab makes such
 * VMs without `pxeboot`. */
export function lintMissingDistro(file: string, { role, pxeboot, distro }: VmDefinition): Finding[] {
  if (role !== 'target' || distro !== undefined) return [];
  const problem = 'is missing, so the VM gets DHCP and DNS, and nothing to boot over the network';
  const fix = 'add "distro", the name of a directory under images/ such as "debian-12"';
  return [finding('no-distro', pxeboot ? 'warning' : 'note', { file, path: '/distro', value: '', problem, fix })];
}
