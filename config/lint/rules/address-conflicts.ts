import type { AddressConflict } from '../../contract/address-conflicts.ts';
import { conflictsOf } from '../../contract/address-conflicts.ts';
import type { VmDefinition } from '../../contract/vm-definition.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** A VM whose address answers with the MAC of another machine: both have it, or only the other one. */
export function lintAddressConflicts(file: string, vm: VmDefinition, conflicts: readonly AddressConflict[]): Finding[] {
  return conflictsOf(vm, conflicts).map((conflict) => {
    const { ip, owner } = conflict;
    const where = owner.by === 'definition' ? { path: '/ip', value: ip } : { path: '/mac', value: vm.mac };
    return finding('address-conflict', 'warning', {
      ...{ file, path: where.path, value: showValue(where.value) },
      ...{ problem: problemOf(conflict), fix: fixFor(conflict) },
    });
  });
}

function problemOf({ ip, mac, vm, owner }: AddressConflict): string {
  const subject = owner.by === 'definition' ? '' : `has a lease of ${ip}, which `;
  return `${subject}answers with another MAC, ${mac}${vm === undefined ? '' : `, which is ${vm}'s`}`;
}

function fixFor({ ip, vm }: AddressConflict): string {
  const cards = 'set net.ipv4.conf.all.arp_ignore=1 there, so that each answers for its own address';
  if (vm === undefined)
    return (
      `find the machine with that MAC and take ${ip} away from it, or give this VM another address; ` +
      `a bond or bridge of this VM itself is no fault, and if it is a second card of this VM, ${cards}`
    );
  return `take ${ip} away from that machine; if both are cards of one machine, ${cards}`;
}
