import { domain } from '../../contract/domain.ts';
import type { VmDefinition } from '../../contract/vm-definition.ts';
import { showValue } from '../../kit/text.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Single labels of IANA's registry "Special-Use Domain Names", with what reserves them. `localhost` is not here: the schema
 * refuses it. @see https://www.iana.org/assignments/special-use-domain-names/ */
const specialUse: ReadonlyMap<string, string> = new Map([
  ['alt', 'RFC 9476'],
  ['example', 'RFC 6761, 6.5'],
  ['invalid', 'RFC 6761, 6.4'],
  ['local', 'RFC 6762, 3'],
  ['onion', 'RFC 7686'],
  ['test', 'RFC 6761, 6.2'],
]);

/** Names that work with their domain, and may mislead a resolver or a reader without it. */
export function lintReservedNames(file: string, vm: VmDefinition): Finding[] {
  const given = { file, path: '/name', value: showValue(vm.name) };
  const source = specialUse.get(vm.name);
  if (source !== undefined) {
    const problem = `is a special-use domain (${source}), so some resolvers do not ask for it without ".${domain}"`;
    const fix = `choose another name, or always write ${vm.name}.${domain}`;
    return [finding('reserved-name', 'warning', { ...given, problem, fix })];
  }
  if (vm.name !== 'provisioner' || vm.role !== 'target') return [];
  const problem = 'is what the provisioner is called in most networks, and this VM is a target';
  const fix = 'choose another name, or set "role" to "provisioner"';
  return [finding('reserved-name', 'warning', { ...given, problem, fix })];
}
