import vmDefinitionSchema from './schemas/vm-definition.schema.json' with { type: 'json' };

import type { Arch } from './architecture.ts';
import type { DiskHints } from './disk-hints.ts';
import { canonicalIpv6, inSubnet, parseCidr } from '../kit/ip.ts';
import { parseJsonObject } from '../kit/json.ts';
import { parseMac } from '../kit/mac.ts';
import type { Fault, Result } from '../kit/result.ts';
import { showValue } from '../kit/result.ts';
import { compileValidator } from './validator.ts';

/** A VM as its file describes it, normalised: MAC in lower case with colons, empty strings dropped, defaults filled. */
export interface VmDefinition {
  name: string;
  role: 'target' | 'provisioner';
  arch: Arch;
  mac: string;
  ip?: string;
  subnet?: string;
  ipv6?: string;
  subnetv6?: string;
  pxeboot: boolean;
  distro: string;
  kernel?: string;
  initrd?: string;
  ssh_key?: string;
  install: InstallOptions;
}

/** Our own extensions, all under the key `install`. */
export interface InstallOptions {
  kernel_args: string[];
  disk: DiskHints;
  initramfs: 'auto' | 'generate';
  /** A VM that has been installed is not installed again when it boots from the network. */
  once: boolean;
}

/** A document that the schema has accepted: same fields, before normalisation. */
type WrittenVmDefinition = Omit<VmDefinition, 'pxeboot' | 'install' | 'distro'> & {
  pxeboot?: boolean;
  distro?: string;
  install?: Partial<InstallOptions>;
};

export { vmDefinitionSchema };

const validate = compileValidator(vmDefinitionSchema);

/** Parses, validates and normalises `<name>.json`; the only place that reads this format.
 * @param file base name, as `web1.json` */
export function parseVmDefinition(file: string, text: string): Result<VmDefinition> {
  const json = parseJsonObject(file, text);
  if (!json.ok) return json;
  const faults = validate(file, json.value);
  if (faults.length > 0) return { ok: false, faults };
  // The schema has just proven the shape.
  const definition = normalise(json.value as unknown as WrittenVmDefinition);
  const contradictions = crossFieldFaults(file, definition);
  return contradictions.length > 0 ? { ok: false, faults: contradictions } : { ok: true, value: definition };
}

function normalise(written: WrittenVmDefinition): VmDefinition {
  return {
    name: written.name.toLowerCase(),
    role: written.role,
    arch: written.arch,
    mac: parseMac(written.mac) ?? written.mac,
    ...filled('ip', written.ip),
    ...filled('subnet', written.subnet),
    ...filled('ipv6', written.ipv6 === undefined || written.ipv6 === '' ? undefined : canonicalIpv6(written.ipv6)),
    ...filled('subnetv6', written.subnetv6?.toLowerCase()),
    pxeboot: written.pxeboot ?? false,
    distro: written.distro ?? '',
    ...filled('kernel', written.kernel),
    ...filled('initrd', written.initrd),
    ...filled('ssh_key', written.ssh_key?.trim()),
    install: { kernel_args: [], disk: {}, initramfs: 'auto', once: false, ...written.install },
  };
}

function filled<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined || value === '' ? {} : ({ [key]: value } as Record<Key, string>);
}

function crossFieldFaults(file: string, vm: VmDefinition): Fault[] {
  const faults: Fault[] = [];
  if (`${vm.name}.json` !== file.toLowerCase()) {
    const fix = `rename the file to ${vm.name}.json or set "name" to "${file.replace(/\.json$/i, '')}"`;
    faults.push({ file, path: '/name', value: showValue(vm.name), problem: 'differs from the file name', fix });
  }
  if (vm.role === 'target' && vm.distro === '') {
    const fix = 'add "distro", a directory name under images/ such as "debian-12"';
    faults.push({ file, path: '/distro', value: '', problem: 'is missing', fix });
  }
  for (const [address, network] of [
    ['ip', 'subnet'],
    ['ipv6', 'subnetv6'],
  ] as const) {
    const cidr = parseCidr(vm[network] ?? '');
    const value = vm[address];
    if (value === undefined || cidr === undefined || inSubnet(value, cidr)) continue;
    const fix = `choose an address inside ${vm[network] ?? ''} or correct "${network}"`;
    faults.push({ file, path: `/${address}`, value: showValue(value), problem: `is outside its network`, fix });
  }
  return faults;
}
