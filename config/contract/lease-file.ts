import { isIpv4, isIpv6 } from '../kit/ip.ts';

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

/** A lease, and when it ends unless it is renewed. */
export type TimedLease = Lease & {
  /** Seconds since 1970. 0: never. */
  expiresAt: number;
};

/** Reads the leases: `<expiry> <mac> <ip> <hostname or *> <client id or *>`, and behind a line `duid <server's DUID>`
 * `<expiry> <iaid> <ip> <hostname or *> <DUID>`. Temporary IPv6 addresses and lines cut short are passed over.
 * @see dnsmasq(8) --dhcp-leasefile */
export function parseLeases(text: string): TimedLease[] {
  const lines = text.split('\n').map((line) => line.split(' '));
  const serverDuid = lines.find(([word]) => word === 'duid')?.[1] ?? '';
  return lines.flatMap(([expiry, identity = '', ip = '', hostname = '', clientId]): TimedLease[] => {
    if (clientId === undefined) return [];
    const expiresAt = Number(expiry);
    if (isIpv4(ip) && /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(identity)) {
      const known = clientId === '*' ? undefined : clientId;
      return [{ family: 4, mac: identity.toLowerCase(), ip, hostname, clientId: known, expiresAt }];
    }
    if (!isIpv6(ip) || !/^\d+$/.test(identity) || serverDuid === '') return [];
    const mac = macOfDuid(clientId);
    return [{ family: 6, mac, ip, hostname, iaid: identity, duid: clientId, serverDuid, expiresAt }];
  });
}

/** DUID-LLT: type 1, hardware 1 (Ethernet), 4 bytes of time, MAC. DUID-LL: type 3, hardware 1, MAC. */
function macOfDuid(duid: string): string | undefined {
  return /^00:(?:01:00:01(?::[\da-f]{2}){4}|03:00:01):((?:[\da-f]{2}:){5}[\da-f]{2})$/i.exec(duid)?.[1]?.toLowerCase();
}
