import { domain } from '@pxeboot/config/contract/domain';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { guestName } from '@pxeboot/config/definitions/guest-name';

/** Context of user-data, meta-data, network-config and vendor-data. */
export interface CloudInitContext {
  instanceId: string;
  hostname: string;
  fqdn: string;
  domain: string;
  mac: string;
  dhcp6: boolean;
  sshKeys: string[];
}

/** @param token differs for each installation, so that cloud-init sees a new instance on a reused disk */
export function cloudInitContext(vm: VmDefinition, token: string): CloudInitContext {
  const hostname = guestName(vm.name);
  return {
    instanceId: `${vm.name}-${token}`,
    hostname,
    fqdn: `${hostname}.${domain}`,
    domain,
    mac: vm.mac,
    dhcp6: vm.ipv6 !== undefined,
    sshKeys: vm.ssh_key === undefined ? [] : [vm.ssh_key],
  };
}
