import { leaseSeconds } from '@pxeboot/config/contract/lease-time';
import type { TimedLease } from '@pxeboot/config/contract/lease-file';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

/** What is left of a VM whose definition is no longer in force. */
export type FormerVm = Pick<VmDefinition, 'mac' | 'name'>;

/** What has changed lately. */
export interface LateChanges {
  /** VMs that were in force before and are not now: of a VM whose MAC changed the old one. */
  former: readonly FormerVm[];
  /** By MAC: when dnsmasq knew of another reserved address than before. Seconds since 1970. */
  readdressed: ReadonlyMap<string, number>;
}

/** The leases that contradict the definitions in force:
 * of a VM that was defined and no longer is, of an address that is now reserved for another VM, and of a VM whose reserved address is now
 * another, as far as an IPv4 lease may be older than that. If dnsmasq gave another address since, the reserved one was declined, and the VM
 * uses what it got. Guests that were never defined keep their leases. */
export function staleLeases(
  leases: readonly TimedLease[],
  definitions: readonly VmDefinition[],
  { former, readdressed }: LateChanges,
): TimedLease[] {
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
    // Over DHCPv6 dnsmasq gives a client its reserved address and each other one that it has a lease of: the system after the installer,
    // which another DUID had kept from it, would have two from then on.
    if (lease.family === 6) return owner.ipv6 !== undefined && owner.ipv6 !== lease.ip;
    return owner.ip !== undefined && owner.ip !== lease.ip && mayBeOlder(lease, readdressed.get(owner.mac));
  });
}

/** No lease is longer than a defined VM's, so that its end tells when it was given at the earliest.
 * @param changedAt undefined: nothing has changed that the lease could be older than */
function mayBeOlder({ expiresAt }: TimedLease, changedAt: number | undefined): boolean {
  return changedAt !== undefined && expiresAt - leaseSeconds < changedAt;
}

/** The VMs that now have another reserved address than before, or were not there. */
export function readdressedVms(before: readonly VmDefinition[], now: readonly VmDefinition[]): VmDefinition[] {
  const byMac = new Map(before.map((vm) => [vm.mac, vm]));
  return now.filter((vm) => {
    const earlier = byMac.get(vm.mac);
    return earlier === undefined || earlier.ip !== vm.ip || earlier.ipv6 !== vm.ipv6;
  });
}

function reserved({ ip, ipv6 }: VmDefinition): string[] {
  return [ip, ipv6].filter((address) => address !== undefined);
}
