import { domain } from '@pxeboot/config/contract/domain';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { guestName, guestNameHolders } from '@pxeboot/config/definitions/guest-name';
import { compareText } from '@pxeboot/config/kit/text';

/** Contents of the two files that dnsmasq reads again on SIGHUP. */
export interface HostsFiles {
  /** For `dhcp-hostsfile`: MAC, reserved addresses, full name. */
  dhcp: string;
  /** For `addn-hosts`: address, full name, short name. */
  dns: string;
}

/** What dnsmasq must know about these VMs, sorted by name: equal definitions give equal bytes.
 * DHCP gives each guest its host name. DNS has that, and also the name as it is written where that is another one.
 * A VM without a reserved address still gets its host name by its MAC; its DNS entry then comes from its lease.
 * Of VMs whose host names are equal one has it (`guestNameHolders`); DHCP calls each other one by its MAC.
 * @see dnsmasq(8) --dhcp-host, --addn-hosts */
export function hostsFiles(definitions: readonly VmDefinition[]): HostsFiles {
  const sorted = definitions.toSorted((a, b) => compareText(a.name, b.name));
  const holders = guestNameHolders(sorted.map(({ name }) => name));
  const named = sorted.map((vm) => ({ vm, guest: holders.get(guestName(vm.name)) === vm.name }));
  return {
    dhcp: named.map(({ vm, guest }) => dhcpLine(vm, guest ? guestName(vm.name) : nameByMac(vm))).join(''),
    dns: named.map(({ vm, guest }) => dnsLines(vm, guest)).join(''),
  };
}

/** With a name of another VM in DHCP this one's lease would take that VM's place in DNS; without any its own word would. */
function nameByMac({ mac }: VmDefinition): string {
  return `vm-${mac.replaceAll(':', '')}`;
}

/** With the full name: dnsmasq takes a bare `ignore`, `infinite`, `2024` or `45m` for an instruction or a lease time. */
function dhcpLine(vm: VmDefinition, name: string): string {
  const ipv6 = vm.ipv6 === undefined ? undefined : `[${vm.ipv6}]`;
  return `${[vm.mac, vm.ip, ipv6, `${name}.${domain}`].filter((field) => field !== undefined).join(',')}\n`;
}

/** @param hasGuestName whether the guest's name is this VM's */
function dnsLines(vm: VmDefinition, hasGuestName: boolean): string {
  const guest = guestName(vm.name);
  const names = [...(hasGuestName ? fullAndShort(guest) : []), ...(vm.name === guest ? [] : fullAndShort(vm.name))];
  if (names.length === 0) return '';
  return [vm.ip, vm.ipv6]
    .filter((address) => address !== undefined)
    .map((address) => `${address} ${names.join(' ')}\n`)
    .join('');
}

/** A name with a dot has no short form: a VM could be called `www.example.org` then, and be it for the whole network. Labels must not
 * be empty (RFC 1035, 2.3.1). */
function fullAndShort(name: string): string[] {
  if (name.includes('..')) return [];
  return name.includes('.') ? [`${name}.${domain}`] : [`${name}.${domain}`, name];
}
