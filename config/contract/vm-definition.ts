import { baseName } from '../kit/definition-file.ts';
import { describeCopy, wordCopy } from '../kit/copied-file.ts';
import type { Fault, Result } from '../kit/fault.ts';
import { filled } from '../kit/filled.ts';
import { canonicalIpv6, inSubnet, parseCidr } from '../kit/ip.ts';
import { parseJsonObject } from '../kit/json.ts';
import { parseMac } from '../kit/mac.ts';
import { showValue } from '../kit/text.ts';
import { findUnfitCharacter } from '../kit/unfit-characters.ts';
import type { DocumentOf } from './schemas/schema.ts';
import { vmDefinitionSchema } from './schemas/vm-definition.schema.ts';
import { compileParser, compileValidator } from './validator.ts';

type WrittenVmDefinition = DocumentOf<typeof vmDefinitionSchema>;

/** A VM as its file describes it, normalised: MAC in lower case with colons, empty strings dropped, defaults filled. */
export type VmDefinition = WrittenVmDefinition;

/** Our own extensions, all under the key `install`. */
export type InstallOptions = VmDefinition['install'];

export { vmDefinitionSchema };

const parse = compileParser(vmDefinitionSchema);
const validateName = compileValidator(vmDefinitionSchema.properties.name, 1);

/** Whether a VM may be called so. */
export function isVmName(name: string): boolean {
  return validateName('', name).length === 0;
}

/** Parses, validates and normalises `<name>.json`; the only place that reads this format.
 * @param file base name, as `web1.json`
 * @param others names of the files next to it, in small letters: advice must not lead to one of them */
export function parseVmDefinition(
  file: string,
  text: string,
  others: ReadonlySet<string> = new Set(),
): Result<VmDefinition> {
  const json = parseJsonObject(file, text);
  if (!json.ok) return json;
  const unfit = findUnfitCharacter(file, text);
  if (unfit !== undefined) return { ok: false, faults: [unfit] };
  const written = parse(file, json.value);
  if (!written.ok) return written;
  const definition = normalise(written.value);
  const contradictions = crossFieldFaults(file, definition, others);
  return contradictions.length > 0 ? { ok: false, faults: contradictions } : { ok: true, value: definition };
}

function normalise(written: WrittenVmDefinition): VmDefinition {
  const { ip, subnet, ipv6, subnetv6, pxeboot, distro, kernel, initrd, ssh_key: key, install, ...others } = written;
  return {
    ...others,
    name: others.name.toLowerCase(),
    mac: parseMac(others.mac) ?? others.mac,
    ...filled({ ip, subnet, ipv6: ipv6 && canonicalIpv6(ipv6), subnetv6: subnetv6?.toLowerCase() }),
    pxeboot,
    ...filled({ distro, kernel, initrd, ssh_key: key?.trim() }),
    install,
  };
}

function crossFieldFaults(file: string, vm: VmDefinition, others: ReadonlySet<string>): Fault[] {
  const faults: Fault[] = `${vm.name}.json` === file.toLowerCase() ? [] : [otherName(file, vm.name, others)];
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

/** Advice that would overwrite another file, or lead to a name that no VM may have, is not given. */
function otherName(file: string, name: string, others: ReadonlySet<string>): Fault {
  const copy = describeCopy(file);
  const differs = 'differs from the file name';
  const problem = copy === undefined ? differs : `${differs}, which ${wordCopy(copy)}`;
  const isTaken = others.has(`${name}.json`);
  const base = baseName(file);
  const ways = [
    ...(isTaken ? [] : [`rename the file to ${name}.json`]),
    ...(isVmName(base) && copy === undefined ? [`set "name" to "${base}"`] : []),
  ];
  const merge = `keep in ${name}.json what is right, and remove this file`;
  return { file, path: '/name', value: showValue(name), problem, fix: ways.length > 0 ? ways.join(' or ') : merge };
}
