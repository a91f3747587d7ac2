import { describeError } from '../kit/errors.ts';
import type { Result } from '../kit/fault.ts';
import { parseJsonObject } from '../kit/json.ts';
import type { VmDefinition } from './vm-definition.ts';

/** An address of one machine that answers with the MAC of another. */
export interface AddressConflict {
  ip: string;
  /** What answers. */
  mac: string;
  /** The VM whose MAC that is by its definition. */
  vm?: string;
  /** Whose address it is. */
  owner: {
    mac: string;
    /** By its definition. */
    vm?: string;
    /** Why it has the address: its definition says so, or a lease. */
    by: 'definition' | 'lease';
  };
}

/** The file in which vm_watcher publishes them, next to the published state. */
export const addressConflictsFile = 'address-conflicts.json';

/** The conflicts about addresses of this VM; what was published before its definition changed is none. */
export function conflictsOf(
  { mac, ip }: Pick<VmDefinition, 'mac' | 'ip'>,
  conflicts: readonly AddressConflict[],
): AddressConflict[] {
  return conflicts.filter(
    ({ owner, ip: contested }) => owner.mac === mac && (owner.by === 'lease' || contested === ip),
  );
}

/** Reads what `formatAddressConflicts` wrote. Only vm_watcher writes this document, so its entries are not validated again. */
export function parseAddressConflicts(text: string): Result<AddressConflict[]> {
  const json = parseJsonObject('address conflicts', text);
  if (!json.ok) return json;
  const { version, conflicts } = json.value;
  if (version === 1 && Array.isArray(conflicts)) return { ok: true, value: conflicts as AddressConflict[] };
  const problem = `has version ${describeError(version)}, not 1`;
  const fix = 'restart vm_watcher';
  return { ok: false, faults: [{ file: 'address conflicts', path: '/version', value: '', problem, fix }] };
}

/** One conflict a line. */
export function formatAddressConflicts(conflicts: readonly AddressConflict[]): string {
  const lines = conflicts.map((conflict) => JSON.stringify(conflict));
  return `{"version":1,"conflicts":[\n${lines.join(',\n')}\n]}\n`;
}
