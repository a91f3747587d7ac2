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
  /** The private network; undefined: not known. */
  privateNetwork?: Cidr | undefined;
}

/** What tells whether an address is a VM's. */
export type AddressedVm = Pick<VmDefinition, 'name' | 'mac' | 'ip'>;

/** Whether a request from this address is the VM's own. One reason is enough: its definition's `ip` (a static address in the installer),
 * an active lease, or the kernel's neighbour entry (a restarted container, another DHCP server). The `ip` is none while another machine
 * has a lease of it and answers from there: the definition is newer than that lease.
 * None of them proves anything to somebody who takes another machine's address: SECURITY.md. */
export function isAddressOf(vm: AddressedVm, address: string, { leases, neighbours }: AddressFacts): boolean {
  const isTheirs = ({ ip, mac }: { ip: string; mac: string | undefined }): boolean => ip === address && mac === vm.mac;
  if (leases.some(isTheirs) || neighbours.some(isTheirs)) return true;
  const leasedTo = leases.find(({ ip }) => ip === address)?.mac;
  const answers = neighbours.find(({ ip }) => ip === address)?.mac;
  const isOthers = leasedTo !== undefined && leasedTo === answers;
  return vm.ip === address && !isOthers;
}

/** Whether an address may read everything: this machine's own, and the networks of ADMIN_FROM. For an address of the private network only
 * an entry counts that lies inside it: one for 192.168.0.0/16 makes no guest of 192.168.105.0/24 an admin. */
export function isAdmins(address: string, { own, privateNetwork }: AddressFacts, adminFrom: readonly Cidr[]): boolean {
  if (own.includes(address)) return true;
  const isGuests = privateNetwork !== undefined && inSubnet(address, privateNetwork);
  const narrowest = isGuests ? privateNetwork.prefixLength : 0;
  return adminFrom.some((network) => network.prefixLength >= narrowest && inSubnet(address, network));
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
