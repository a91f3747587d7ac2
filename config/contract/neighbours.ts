import { isIpv4 } from '../kit/ip.ts';
import { parseMac } from '../kit/mac.ts';

/** A machine that the kernel has spoken with on a network: which address answered with which MAC. */
export interface Neighbour {
  ip: string;
  mac: string;
  interface: string;
}

/** The flag of an entry that has been answered: ATF_COM, linux/if_arp.h. */
const complete = 0x2;

/** Reads the kernel's table of IPv4 neighbours: a line of titles, then
 * `<ip> <hardware type> <flags> <mac> <mask> <interface>`. Entries that nobody has answered are passed over.
 * @see proc_net(5), /proc/net/arp */
export function parseNeighbours(text: string): Neighbour[] {
  return text.split('\n').flatMap((line): Neighbour[] => {
    const [ip = '', type, flags, written = '', , device] = line.trim().split(/\s+/);
    const mac = parseMac(written);
    if (!isIpv4(ip) || type !== '0x1' || device === undefined || mac === undefined) return [];
    return (Number(flags) & complete) === 0 ? [] : [{ ip, mac, interface: device }];
  });
}
