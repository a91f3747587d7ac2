import type { VmDefinition } from '../../contract/vm-definition.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Nobody can log in to an installed VM without a key: there is no default password. */
export function lintAccess(file: string, vm: VmDefinition): Finding[] {
  if (vm.role !== 'target' || vm.ssh_key !== undefined) return [];
  const fix = 'add "ssh_key", one OpenSSH public key line';
  const problem = 'is missing, so nobody can log in to the installed VM';
  return [finding('no-key', 'warning', { file, path: '/ssh_key', value: '', problem, fix })];
}
