import type { AddressConflict } from '../../contract/address-conflicts.ts';
import type { Arch } from '../../contract/architecture.ts';
import type { PublishedState } from '../../contract/published-state.ts';
import type { VmDefinition } from '../../contract/vm-definition.ts';
import type { ImageFiles } from '../../definitions/image-choice.ts';
import { parseJsonObject } from '../../kit/json.ts';
import { compareText } from '../../kit/text.ts';
import { lintAccess } from './access.ts';
import { lintAddressConflicts } from './address-conflicts.ts';
import { lintDuplicateKeys } from './duplicate-keys.ts';
import { lintFaults } from './faults.ts';
import { lintFileNames } from './file-names.ts';
import type { Finding } from './finding.ts';
import { lintGuestNames } from './guest-names.ts';
import { lintImage } from './images.ts';
import { lintMissingDistro } from './missing-distro.ts';
import { lintReservedNames } from './reserved-names.ts';
import { lintSpelling } from './spelling.ts';
import type { LintNetwork } from './vm-addresses.ts';
import { lintAddresses } from './vm-addresses.ts';

/** Everything that the rules look at; what is not known is not judged. */
export interface LintInput {
  /** Everything in the vms directory. */
  names: readonly string[];
  /** By file: what could be read. */
  texts: ReadonlyMap<string, string>;
  /** What `resolve` made of these texts. */
  state: PublishedState;
  /** Image directories by `<distro>/<arch>`; undefined: images are not looked at. */
  images?: ReadonlyMap<string, ImageFiles> | undefined;
  network?: LintNetwork | undefined;
  /** The addresses that answer with another MAC. */
  conflicts?: readonly AddressConflict[];
}

/** Every finding of every rule, by file, then by path. */
export function lintDefinitions(input: LintInput): Finding[] {
  const findings = [
    ...lintFileNames(input.names),
    ...lintGuestNames(input.state),
    ...input.state.entries.flatMap((entry) => [
      ...lintFaults(entry),
      ...lintText(entry.file, input.texts.get(entry.file)),
      ...(entry.state === 'ok' && entry.definition !== undefined
        ? [
            ...lintDefinition(entry.file, entry.definition, input.network),
            ...imageFindings(entry.file, entry.definition, input),
          ]
        : []),
      ...(entry.definition === undefined
        ? []
        : lintAddressConflicts(entry.file, entry.definition, input.conflicts ?? [])),
    ]),
  ];
  return findings.sort((a, b) => compareText(a.file, b.file) || compareText(a.path, b.path));
}

/** The rules for what stands in one file, whether it is in force or not. */
export function lintText(file: string, text: string | undefined): Finding[] {
  const json = parseJsonObject(file, text ?? '');
  if (text === undefined || !json.ok) return [];
  return [...lintSpelling(file, json.value), ...lintDuplicateKeys(file, text)];
}

/** The rules for one definition in force. */
export function lintDefinition(file: string, vm: VmDefinition, network: LintNetwork | undefined): Finding[] {
  return [
    ...lintAddresses(file, vm, network),
    ...lintMissingDistro(file, vm),
    ...lintAccess(file, vm),
    ...lintReservedNames(file, vm),
  ];
}

function imageFindings(file: string, vm: VmDefinition, { images }: LintInput): Finding[] {
  const other: Arch = vm.arch === 'x86_64' ? 'aarch64' : 'x86_64';
  const image = images?.get(`${vm.distro}/${vm.arch}`);
  const otherArch = images?.get(`${vm.distro}/${other}`);
  return image === undefined || otherArch === undefined ? [] : lintImage(file, vm, image, otherArch);
}
