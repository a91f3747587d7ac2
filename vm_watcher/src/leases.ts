import { isIpv4 } from '@pxeboot/config/ip';
import type { VmDefinition } from '@pxeboot/config/vm-definition';

/** One IPv4 line of dnsmasq's lease file. */
export interface Lease {
  mac: string;
  ip: string;
  hostname: string;
  /** As dnsmasq writes it: hex bytes with colons; undefined when the client sent none. */
  clientId: string | undefined;
}

/** Reads the IPv4 leases: `<expiry> <mac> <ip> <hostname or *> <client id or *>`.
 * Other lines (IPv6 leases, the server's DUID) and lines cut short are passed over.
 * @see dnsmasq(8) --dhcp-leasefile */
export function parseLeases(text: string): Lease[] {
  return text.split('\n').flatMap((line) => {
    const [, mac = '', ip = '', hostname = '', clientId] = line.split(' ');
    if (clientId === undefined || !isIpv4(ip) || !/^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(mac)) return [];
    return [{ mac: mac.toLowerCase(), ip, hostname, clientId: clientId === '*' ? undefined : clientId }];
  });
}

/** The leases that contradict the definitions in force:
 * of a MAC that was defined and no longer is, of a VM whose reserved address is now another, and of an address that is now
 * reserved for another VM. Guests that were never defined keep their leases.
 * @param removedMacs that were in force before and are not now */
export function staleLeases(
  leases: readonly Lease[],
  definitions: readonly VmDefinition[],
  removedMacs: ReadonlySet<string>,
): Lease[] {
  const addressOfMac = new Map(definitions.map(({ mac, ip }) => [mac, ip]));
  const macOfAddress = new Map(definitions.flatMap(({ mac, ip }) => (ip === undefined ? [] : [[ip, mac] as const])));
  return leases.filter((lease) => {
    const owner = macOfAddress.get(lease.ip);
    if (owner !== undefined && owner !== lease.mac) return true;
    if (!addressOfMac.has(lease.mac)) return removedMacs.has(lease.mac);
    const reserved = addressOfMac.get(lease.mac);
    return reserved !== undefined && reserved !== lease.ip;
  });
}
