import { isIpv4, isIpv6 } from '@pxeboot/config/kit/ip';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

/** One line of dnsmasq's lease file. */
export type Lease = Lease4 | Lease6;

export interface Lease4 {
  family: 4;
  mac: string;
  ip: string;
  hostname: string;
  /** As dnsmasq writes it: hex bytes with colons; undefined when the client sent none. */
  clientId: string | undefined;
}

export interface Lease6 {
  family: 6;
  /** Of the client's DUID, when it holds one (RFC 8415, 11.2 and 11.4). */
  mac: string | undefined;
  ip: string;
  hostname: string;
  /** Identity association, in decimal. */
  iaid: string;
  /** The client's DUID: hex bytes with colons. */
  duid: string;
  serverDuid: string;
}

/** What is left of a VM whose definition is no longer in force. */
export type FormerVm = Pick<VmDefinition, 'mac' | 'name'>;

/** Reads the leases: `<expiry> <mac> <ip> <hostname or *> <client id or *>`, and behind a line `duid <server's DUID>`
 * `<expiry> <iaid> <ip> <hostname or *> <DUID>`. Temporary IPv6 addresses and lines cut short are passed over.
 * @see dnsmasq(8) --dhcp-leasefile */
export function parseLeases(text: string): Lease[] {
  const lines = text.split('\n').map((line) => line.split(' '));
  const serverDuid = lines.find(([word]) => word === 'duid')?.[1] ?? '';
  return lines.flatMap(([, identity = '', ip = '', hostname = '', clientId]): Lease[] => {
    if (clientId === undefined) return [];
    if (isIpv4(ip) && /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(identity)) {
      const known = clientId === '*' ? undefined : clientId;
      return [{ family: 4, mac: identity.toLowerCase(), ip, hostname, clientId: known }];
    }
    if (!isIpv6(ip) || !/^\d+$/.test(identity) || serverDuid === '') return [];
    return [{ family: 6, mac: macOfDuid(clientId), ip, hostname, iaid: identity, duid: clientId, serverDuid }];
  });
}

/** DUID-LLT: type 1, hardware 1 (Ethernet), 4 bytes of time, MAC. DUID-LL: type 3, hardware 1, MAC. */
function macOfDuid(duid: string): string | undefined {
  return /^00:(?:01:00:01(?::[\da-f]{2}){4}|03:00:01):((?:[\da-f]{2}:){5}[\da-f]{2})$/i.exec(duid)?.[1]?.toLowerCase();
}

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
