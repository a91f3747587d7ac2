import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

import type { Lease } from '@pxeboot/config/contract/lease-file';

/** What is left of a VM whose definition is no longer in force. */
export type FormerVm = Pick<VmDefinition, 'mac' | 'name'>;

/** The leases that contradict the definitions in force:
 * of a VM that was defined and no longer is, of a VM whose reserved address is now another, and of an address that is now
 * reserved for another VM. Guests that were never defined keep their leases.
 * @param former VMs that were in force before and are not now: of a VM whose MAC changed the old one */
export function staleLeases(
  leases: readonly Lease[],
  definitions: readonly VmDefinition[],
  former: readonly FormerVm[],
): Lease[] {
  const byMac = new Map(definitions.map((vm) => [vm.mac, vm]));
  const byName = new Map(definitions.map((vm) => [vm.name, vm]));
  const byAddress = new Map(definitions.flatMap((vm) => reserved(vm).map((address) => [address, vm] as const)));
  const formerMacs = new Set(former.map(({ mac }) => mac));
  const formerNames = new Set(former.map(({ name }) => name));

  return leases.filter((lease) => {
    // Without a MAC in its DUID a client is known by the name that dnsmasq gave it.
    const owner = lease.mac === undefined ? byName.get(lease.hostname) : byMac.get(lease.mac);
    const entitled = byAddress.get(lease.ip);
    if (entitled !== undefined && entitled !== owner) return true;
    if (lease.mac === undefined && formerNames.has(lease.hostname)) return true;
    if (owner === undefined) return lease.mac !== undefined && formerMacs.has(lease.mac);
    const address = lease.family === 4 ? owner.ip : owner.ipv6;
    return address !== undefined && address !== lease.ip;
  });
}

function reserved({ ip, ipv6 }: VmDefinition): string[] {
  return [ip, ipv6].filter((address) => address !== undefined);
}
