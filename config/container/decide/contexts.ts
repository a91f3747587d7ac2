import { domain } from '../../contract/domain.ts';
import type { StackEnvironment } from '../../contract/environment.ts';
import { leaseSeconds } from '../../contract/lease-time.ts';
import { paths } from '../../contract/paths.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Cidr } from '../../kit/ip.ts';
import { inSubnet, networkOf, nameOfEdge, netmaskOf } from '../../kit/ip.ts';
import { showValue } from '../../kit/text.ts';
import type { DividedRange } from './dhcp-ranges.ts';
import { divideIpv4, divideIpv6 } from './dhcp-ranges.ts';
import type { OpenFiles } from './open-files.ts';
import type { InterfaceAddress } from './private-interface.ts';

/** Everything that config/container/templates/dnsmasq.conf.hbs names. */
export interface DnsmasqContext {
  interface: string;
  address: string;
  domain: string;
  netmask: string;
  range: DividedRange;
  rangeV6: DividedRange | null;
  leaseSeconds: number;
  /** The list of DNS servers for names outside the lab; without any these are not answered. */
  resolvFile: string;
  pidFile: string;
  leaseFile: string;
  dhcpHosts: string;
  dnsHosts: string;
  tftpRoot: string;
}

/** Everything that config/container/templates/nginx.conf.hbs names. */
export interface NginxContext {
  address: string;
  runDirectory: string;
  handlerSocket: string;
  filesRoot: string;
  bootDirectory: string;
  /** Bytes of one read of an image, see read-size.ts. */
  readSize: number;
  /** Who is answered: the private network, and ADMIN_FROM. */
  networks: string[];
  /** Who may have any number of connections. */
  admins: string[];
  /** The private network, whose machines are no admins; null: ADMIN_FROM names just this network. */
  guests: string | null;
  /** Of each worker at once. */
  connections: number;
}

/** What dnsmasq.conf is made of: the settings, the interface found, the fixed paths. */
export function dnsmasqContext(environment: StackEnvironment, place: InterfaceAddress): DnsmasqContext {
  return {
    interface: place.interface,
    address: place.address,
    domain,
    netmask: netmaskOf(place.prefixLength),
    range: divideIpv4({ start: environment.dhcpRangeStart, end: environment.dhcpRangeEnd }),
    rangeV6: environment.dhcpRangeV6 === undefined ? null : divideIpv6(environment.dhcpRangeV6),
    leaseSeconds,
    resolvFile: paths.resolvers,
    pidFile: paths.dnsmasqPid,
    leaseFile: paths.dnsmasqLeases,
    dhcpHosts: paths.dhcpHosts,
    dnsHosts: paths.dnsHosts,
    tftpRoot: paths.tftp,
  };
}

/** What nginx.conf is made of. */
export function nginxContext(
  place: InterfaceAddress,
  adminFrom: readonly Cidr[],
  readSize: number,
  { connections }: OpenFiles,
): NginxContext {
  const network = cidrText(networkOf(place));
  const admins = [...new Set(adminFrom.map((given) => cidrText(networkOf(given))))];
  return {
    networks: [...new Set([network, ...admins])],
    // The narrowest network counts: one of ADMIN_FROM that is wider than the private network makes no guest an admin.
    admins: [`${place.address}/32`, ...admins],
    guests: admins.includes(network) ? null : network,
    address: place.address,
    runDirectory: paths.nginxRun,
    handlerSocket: paths.handlerSocket,
    filesRoot: paths.www,
    bootDirectory: paths.boot,
    readSize,
    connections,
  };
}

/** The dynamic range must lie in the interface's own network, else dnsmasq answers nobody and says nothing; and dnsmasq lends the
 * broadcast address and offers that of the network, if they are in the range. */
export function rangeFaults(environment: StackEnvironment, place: InterfaceAddress): Fault[] {
  const network = { address: place.address, prefixLength: place.prefixLength };
  const ends = { DHCP_RANGE_START: environment.dhcpRangeStart, DHCP_RANGE_END: environment.dhcpRangeEnd };
  return Object.entries(ends).flatMap(([name, address]) => {
    const isInside = inSubnet(address, network);
    const edge = nameOfEdge(address, place.prefixLength);
    if (isInside && edge === undefined) return [];
    const problem = isInside ? `is ${edge ?? ''}` : `does not lie in the network of interface ${place.interface}`;
    const fix = `expected an address of one machine in ${place.address}/${place.prefixLength}`;
    return [{ file: 'environment', path: `/${name}`, value: showValue(address), problem, fix }];
  });
}

function cidrText({ address, prefixLength }: Cidr): string {
  return `${address}/${prefixLength}`;
}
