import type { PublishedEntry, PublishedState } from '@pxeboot/config/contract/published-state';
import { emptyState } from '@pxeboot/config/contract/published-state';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

/** A definition that is in force, and the entry it comes from. */
export interface VmRecord {
  entry: PublishedEntry;
  definition: VmDefinition;
}

/** One published state, arranged for look-up. */
export interface VmIndex {
  entries: readonly PublishedEntry[];
  byMac: ReadonlyMap<string, VmRecord>;
  byName: ReadonlyMap<string, VmRecord>;
}

export const emptyIndex: VmIndex = indexState(emptyState);

/** Arranges a state by MAC and by name; of two entries with one key the first by file name is found. */
export function indexState(state: PublishedState): VmIndex {
  const byMac = new Map<string, VmRecord>();
  const byName = new Map<string, VmRecord>();
  for (const entry of state.entries) {
    const { definition } = entry;
    if (definition === undefined) continue;
    const record = { entry, definition };
    if (!byMac.has(definition.mac)) byMac.set(definition.mac, record);
    if (!byName.has(definition.name)) byName.set(definition.name, record);
  }
  return { entries: state.entries, byMac, byName };
}
