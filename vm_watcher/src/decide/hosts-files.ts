import { domain } from '@pxeboot/config/contract/domain';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { compareText } from '@pxeboot/config/kit/text';

/** Contents of the two files that dnsmasq reads again on SIGHUP. */
export interface HostsFiles {
  /** For `dhcp-hostsfile`: MAC, reserved addresses, full name. */
  dhcp: string;
  /** For `addn-hosts`: address, full name, short name. */
  dns: string;
}

/** What dnsmasq must know about these VMs, sorted by name: equal definitions give equal bytes.
 * A VM without a reserved address still gets its name by its MAC; its DNS entry then comes from its lease.
 * @see dnsmasq(8) --dhcp-host, --addn-hosts */
export function hostsFiles(definitions: readonly VmDefinition[]): HostsFiles {
  const sorted = definitions.toSorted((a, b) => compareText(a.name, b.name));
  return { dhcp: sorted.map(dhcpLine).join(''), dns: sorted.map(dnsLines).join('') };
}

/** With the full name: dnsmasq takes a bare `ignore`, `infinite`, `2024` or `45m` for an instruction or a lease time. */
function dhcpLine(vm: VmDefinition): string {
  const ipv6 = vm.ipv6 === undefined ? undefined : `[${vm.ipv6}]`;
  return `${[vm.mac, vm.ip, ipv6, `${vm.name}.${domain}`].filter((field) => field !== undefined).join(',')}\n`;
}

function dnsLines(vm: VmDefinition): string {
  return [vm.ip, vm.ipv6]
    .filter((address) => address !== undefined)
    .map((address) => `${address} ${vm.name}.${domain} ${vm.name}\n`)
    .join('');
}
