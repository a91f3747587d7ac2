import assert from 'node:assert/strict';

import type { HostsFiles } from '../../../../vm_watcher/src/decide/hosts-files.ts';
import type { VmDefinition } from '../../../contract/vm-definition.ts';

/** Asserts that dnsmasq is told of these definitions and of nothing else: one line of DHCP for each, and in DNS each address of each with
 * names that are made of its own. */
export function assertHostsFiles({ dhcp, dns }: HostsFiles, active: readonly VmDefinition[]): void {
  const byMac = new Map(active.map((vm) => [vm.mac, vm]));
  const lines = linesOf(dhcp);
  assert.equal(lines.length, active.length);
  for (const line of lines) {
    assert.match(line, /^[0-9a-z:.,[\]-]+$/);
    const [mac = '', ...fields] = line.split(',');
    const vm = byMac.get(mac);
    assert.ok(vm, `"${line}" has the MAC of an active definition`);
    byMac.delete(mac);
    const addresses = [vm.ip, vm.ipv6 && `[${vm.ipv6}]`].filter((address) => address !== undefined);
    assert.deepEqual(fields.slice(0, -1), addresses, line);
    const names = [`${hostNameOf(vm)}.pvmlab.local`, `vm-${mac.replaceAll(':', '')}.pvmlab.local`];
    assert.ok(names.includes(fields.at(-1) ?? ''), `"${line}" has a name of ${vm.name}`);
  }
  const byAddress = new Map(active.flatMap((vm) => [vm.ip, vm.ipv6].map((address) => [address, vm] as const)));
  for (const line of linesOf(dns)) {
    const [address, ...names] = line.split(' ');
    const vm = byAddress.get(address);
    assert.ok(vm, `"${line}" has the address of an active definition`);
    byAddress.delete(address);
    const own = [hostNameOf(vm), vm.name].flatMap((name) => [name, `${name}.pvmlab.local`]);
    assert.ok(names.length > 0 && names.every((name) => own.includes(name)), `"${line}" has names of ${vm.name} alone`);
    for (const name of names) assert.match(name, /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/);
  }
}

function hostNameOf({ name }: VmDefinition): string {
  return name.replace(/[^a-z0-9-]+/g, '-');
}

function linesOf(text: string): string[] {
  assert.ok(text === '' || text.endsWith('\n'));
  return text.split('\n').slice(0, -1);
}
