import type { Lease } from '@pxeboot/config/contract/lease-file';
import type { Neighbour } from '@pxeboot/config/contract/neighbours';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import type { Cidr } from '@pxeboot/config/kit/ip';
import { inSubnet } from '@pxeboot/config/kit/ip';

/** Who has which address at this moment. */
export interface AddressFacts {
  leases: readonly Lease[];
  /** What answers on the private network. */
  neighbours: readonly Neighbour[];
  /** This machine's own addresses. */
  own: readonly string[];
}

/** What tells whether an address is a VM's. */
export type AddressedVm = Pick<VmDefinition, 'name' | 'mac' | 'ip'>;

/** Whether a request from this address is the VM's own. One reason is enough: its definition's `ip` (a static address in the installer),
 * an active lease, or the kernel's neighbour entry (a restarted container, another DHCP server).
 * None of them proves anything to somebody who takes another machine's address: SECURITY.md. */
export function isAddressOf(vm: AddressedVm, address: string, { leases, neighbours }: AddressFacts): boolean {
  const isTheirs = ({ ip, mac }: { ip: string; mac: string | undefined }): boolean => ip === address && mac === vm.mac;
  return vm.ip === address || leases.some(isTheirs) || neighbours.some(isTheirs);
}

/** Whether an address may read everything: this machine's own, and the networks of ADMIN_FROM. */
export function isAdmins(address: string, { own }: AddressFacts, adminFrom: readonly Cidr[]): boolean {
  return own.includes(address) || adminFrom.some((network) => inSubnet(address, network));
}

/** Why an address is not taken for a VM's, and what to do, as a clause that follows what was asked for. */
export function describeStranger(vm: AddressedVm, address: string, { leases, neighbours }: AddressFacts): string {
  const leased = leases.find(({ ip }) => ip === address)?.mac;
  const seen = neighbours.find(({ ip }) => ip === address)?.mac;
  const found = [
    leased === undefined ? 'no lease' : `a lease of MAC ${leased}`,
    seen === undefined ? 'no machine seen on the private network' : `MAC ${seen} on the private network`,
  ].join(', ');
  return (
    `the request comes from ${address} (${found}), which is not an address of "${vm.name}" (MAC ${vm.mac}); ` +
    'ask from that VM or from the provisioner, or name networks that may read everything in ADMIN_FROM'
  );
}
