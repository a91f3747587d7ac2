import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { vmDefinitionSchema } from '@pxeboot/config/contract/vm-definition';
import { InputError } from '@pxeboot/config/kit/errors';
import { showValue } from '@pxeboot/config/kit/text';

/** Names and places of one lab. Two labs with different names do not meet. */
export interface LabSettings {
  /** Of the network namespace and of the folders. */
  name: string;
  /** Top of the checkout. */
  root: string;
  /** What stays between two runs: definitions, disks, keys, logs, the engine's data. */
  state: string;
  /** Sockets and process ids. A Unix socket's path may have 107 characters at most. */
  runtime: string;
  images: string;
  /** Where image directories are kept for other checkouts; nowhere when it is not given. */
  imageCache?: string | undefined;
  tarball: string;
  container: string;
}

/** The lab's own network. It exists inside the namespace only, so it clashes with nothing outside. */
export const subnet = '192.168.105.0/24';
export const provisionerIp = '192.168.105.1';
export const dhcpRangeStart = '192.168.105.100';
export const dhcpRangeEnd = '192.168.105.199';
export const bridge = 'pxe0';

/** With IPv6: a unique local prefix (RFC 4193). The range is given as pvmlab gives it, as suffixes. */
export const subnetV6 = 'fd5c:6c61:6200:1::/64';
export const provisionerIpV6 = 'fd5c:6c61:6200:1::1';
export const dhcpRangeV6Start = '::64';
export const dhcpRangeV6End = '::c8';

/** @throws InputError the name is none of a lab: its folders are removed by it */
export function labSettings(root: string, hostArch: Arch, name = 'pxeboot-lab'): LabSettings {
  requireName('lab', name);
  const container = `pxeboot_stack_${hostArch === 'aarch64' ? 'arm64' : 'amd64'}`;
  return {
    name,
    root,
    state: join(root, '.lab', name),
    runtime: join('/run', name),
    images: join(root, 'images'),
    tarball: join(root, `${container}.tar`),
    container,
  };
}

/** Where the lab's definitions lie. */
export function vmsDirectory(lab: LabSettings): string {
  return join(lab.state, 'vms');
}

/** Where each VM has a directory of its own. */
export function machinesDirectory(lab: LabSettings): string {
  return join(lab.state, 'machines');
}

/** Disk, NVRAM, console and logs of one VM. @throws InputError the name is none of a VM */
export function machineDirectory(lab: LabSettings, vm: string): string {
  return join(machinesDirectory(lab), requireName('VM', vm));
}

const namePattern = new RegExp(vmDefinitionSchema.properties.name.pattern);

/** A name that leads nowhere else when it becomes a part of a path. @throws InputError it is none */
export function requireName(what: 'lab' | 'VM', name: string): string {
  if (namePattern.test(name)) return name;
  throw new InputError(`${showValue(name)} is no name of a ${what}; use 1 to 63 letters, digits and inner hyphens`);
}
