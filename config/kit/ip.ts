import { BlockList, isIPv4, isIPv6 } from 'node:net';

export interface Cidr {
  address: string;
  prefixLength: number;
}

/** True for an IPv4 address in four decimal numbers, without prefix. */
export function isIpv4(text: string): boolean {
  return isIPv4(text);
}

/** True for an IPv6 address without zone ("%eth0") and without prefix. */
export function isIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

/** The one spelling of an IPv6 address (RFC 5952): `FD00:0::1` -> `fd00::1`. */
export function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** Reads `192.168.105.0/24` or `fd00::/64`. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', prefix = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  const prefixLength = Number(prefix);
  if (isIpv4(address) && prefixLength <= 32) return { address, prefixLength };
  if (isIpv6(address) && prefixLength <= 128) return { address, prefixLength };
  return undefined;
}

/** The network that an IPv4 address with its prefix lies in: `192.168.105.1/24` -> `192.168.105.0/24`. */
export function networkOf({ address, prefixLength }: Cidr): Cidr {
  const size = 2 ** (32 - prefixLength);
  return { address: ipv4Text(Math.floor(ipv4Number(address) / size) * size), prefixLength };
}

/** Reads IPv4 networks and single addresses, apart by commas or spaces: `10.0.0.0/8, 192.168.1.5`.
 * @returns undefined when one of them is none */
export function parseIpv4Networks(text: string): Cidr[] | undefined {
  const networks = text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => parseCidr(word.includes('/') ? word : `${word}/32`));
  return networks.every((network) => network !== undefined && isIpv4(network.address))
    ? networks.filter((network) => network !== undefined)
    : undefined;
}

/** 24 -> `255.255.255.0`. */
export function netmaskOf(prefixLength: number): string {
  return ipv4Text(prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0);
}

/** `255.255.255.0` -> 24; undefined when the mask has holes. */
export function prefixLengthOf(netmask: string): number | undefined {
  for (let length = 0; length <= 32; length++) {
    if (netmaskOf(length) === netmask) return length;
  }
  return undefined;
}

/** An IPv4 address as an unsigned 32-bit number, for ordering and ranges. */
export function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** The address that `ipv4Number` gives this number. */
export function ipv4Text(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

/** An IPv6 address as a 128-bit number, for ordering. */
export function ipv6Number(address: string): bigint {
  const [head = '', tail = ''] = canonicalIpv6(address).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** The address that `ipv6Number` gives this number, in its one spelling. */
export function ipv6Text(value: bigint): string {
  const digits = value.toString(16).padStart(32, '0');
  return canonicalIpv6((digits.match(/.{4}/g) ?? []).join(':'));
}

/** Nobody, this machine, a link, a group or everybody (RFC 6890; RFC 4291, 2.4). */
const noMachine = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  noMachine.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  noMachine.addSubnet(network, prefix, 'ipv6');

/** True for an address that a machine can be given by DHCP. */
export function isMachineAddress(address: string): boolean {
  return !noMachine.check(address, isIpv4(address) ? 'ipv4' : 'ipv6');
}

/** True when the address lies in the network; false for another family. */
export function inSubnet(address: string, cidr: Cidr): boolean {
  const family = isIpv4(cidr.address) ? 'ipv4' : 'ipv6';
  if (isIpv4(address) !== (family === 'ipv4')) return false;
  const network = new BlockList();
  network.addSubnet(cidr.address, cidr.prefixLength, family);
  return network.check(address, family);
}

/** What an address of an IPv4 network names in place of a machine: the first the network, the last everybody in it (RFC 1122,
 * 3.2.1.3). A network of one or two addresses has neither (RFC 3021).
 * @returns undefined when it is a machine's */
export function nameOfEdge(
  address: string,
  prefixLength: number,
): 'the address of the network itself' | "the network's broadcast address" | undefined {
  if (prefixLength > 30) return undefined;
  const size = 2 ** (32 - prefixLength);
  const position = ipv4Number(address) % size;
  if (position === 0) return 'the address of the network itself';
  return position === size - 1 ? "the network's broadcast address" : undefined;
}
