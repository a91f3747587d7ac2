import type { VmDefinition } from '../../contract/vm-definition.ts';
import { canonicalIpv6, inSubnet, ipv4Number, isIpv4, nameOfEdge, parseCidr } from '../../kit/ip.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** What the container knows about its network. */
export interface LintNetwork {
  dhcpRangeStart: string;
  dhcpRangeEnd: string;
  /** The provisioner's address with its prefix, such as `192.168.105.1/24`; undefined: no interface carries it here. */
  cidr?: string | undefined;
  /** The networks of the interface that carries it, as `fd00:105::1/64`; undefined: not known. */
  cidrsV6?: readonly string[] | undefined;
  /** Whether the container gives IPv6 addresses; undefined: not known. */
  dhcpV6?: boolean | undefined;
}

/** Addresses that are valid and still wrong, or worth knowing. */
export function lintAddresses(file: string, vm: VmDefinition, network: LintNetwork | undefined): Finding[] {
  return [
    ...lintNetworkAddress(file, vm),
    ...lintMissingNetwork(file, vm),
    ...lintRange(file, vm, network),
    ...lintElsewhere(file, vm, network),
    ...lintElsewhereV6(file, vm, network),
  ];
}

/** An address that names the network, or everybody in it. */
function lintNetworkAddress(file: string, { ip, subnet = '' }: VmDefinition): Finding[] {
  const cidr = parseCidr(subnet);
  if (ip === undefined || cidr === undefined || !isIpv4(cidr.address) || !inSubnet(ip, cidr)) return [];
  const edge = nameOfEdge(ip, cidr.prefixLength);
  if (edge === undefined) return [];
  const where = { file, path: '/ip', value: showValue(ip) };
  return [
    finding('network-address', 'warning', { ...where, problem: `is ${edge}`, fix: `choose another in ${subnet}` }),
  ];
}

function lintMissingNetwork(file: string, vm: VmDefinition): Finding[] {
  const pairs = [
    ['ip', 'subnet'],
    ['ipv6', 'subnetv6'],
  ] as const;
  return pairs.flatMap(([address, network]) => {
    if (vm[address] === undefined || vm[network] !== undefined) return [];
    const problem = `is missing, so "${address}" cannot be checked against it`;
    const fix = `add "${network}", the network of ${vm[address]} in CIDR form`;
    return [finding('network-missing', 'note', { file, path: `/${network}`, value: '', problem, fix })];
  });
}

function lintRange(file: string, { ip }: VmDefinition, network: LintNetwork | undefined): Finding[] {
  if (ip === undefined || network === undefined) return [];
  const [start, end, own] = [network.dhcpRangeStart, network.dhcpRangeEnd, ip].map(ipv4Number);
  if (start === undefined || end === undefined || own === undefined || own < start || own > end) return [];
  const problem = `lies in the dynamic range ${network.dhcpRangeStart} to ${network.dhcpRangeEnd}; that is allowed`;
  const fix =
    'nothing to do; an address outside the range can never be lent to another guest before this VM is defined';
  return [finding('address-in-range', 'note', { file, path: '/ip', value: showValue(ip), problem, fix })];
}

/** dnsmasq passes over a reserved address that lies in none of its networks and says nothing; only its DNS then has it. */
function lintElsewhere(file: string, { ip }: VmDefinition, network: LintNetwork | undefined): Finding[] {
  const cidr = parseCidr(network?.cidr ?? '');
  if (ip === undefined || cidr === undefined || inSubnet(ip, cidr)) return [];
  const problem = `lies outside the private network ${network?.cidr ?? ''}, so the VM gets another address`;
  const fix = 'choose an address in that network, or remove "ip"';
  return [finding('address-elsewhere', 'warning', { file, path: '/ip', value: showValue(ip), problem, fix })];
}

/** The same of IPv6, for which the provisioner may have no network, or give no addresses at all. Its own address is not given. */
function lintElsewhereV6(file: string, { ipv6, role }: VmDefinition, network: LintNetwork = noNetwork): Finding[] {
  if (ipv6 === undefined || role === 'provisioner') return [];
  const wrong = whyNotGiven(ipv6, network);
  return wrong === undefined
    ? []
    : [finding('address-elsewhere', 'warning', { file, path: '/ipv6', value: showValue(ipv6), ...wrong })];
}

const noNetwork: LintNetwork = { dhcpRangeStart: '', dhcpRangeEnd: '' };

function whyNotGiven(ipv6: string, { dhcpV6, cidrsV6 }: LintNetwork): { problem: string; fix: string } | undefined {
  if (dhcpV6 === false) {
    const fix = 'start the container with DHCP_RANGE_V6_START and DHCP_RANGE_V6_END, or remove "ipv6"';
    return { problem: 'is given to nobody: the container has no IPv6 range', fix };
  }
  if (cidrsV6 === undefined) return undefined;
  if (cidrsV6.length === 0) {
    const fix = 'give that interface an address of the network, or remove "ipv6"';
    return { problem: 'is given to nobody: the private interface has no IPv6 network', fix };
  }
  const own = cidrsV6.flatMap((text) => parseCidr(text) ?? []);
  if (own.some(({ address }) => canonicalIpv6(address) === ipv6))
    return { problem: "is the provisioner's own address", fix: 'choose another address' };
  if (own.some((cidr) => inSubnet(ipv6, cidr))) return undefined;
  const problem = `lies outside the private network ${cidrsV6.join(', ')}, so the VM gets another address`;
  return { problem, fix: 'choose an address in that network, or remove "ipv6"' };
}
