import { describeError } from '../kit/errors.ts';
import type { Fault, Result } from '../kit/fault.ts';
import { parseJsonObject } from '../kit/json.ts';
import type { VmDefinition } from './vm-definition.ts';

/** What vm_watcher publishes and everyone else reads: which definitions are in force, and why others are not. */
export interface PublishedState {
  version: 1;
  /** The provisioner's own address, which no VM may have. */
  provisionerIp?: string;
  /** Sorted by file. */
  entries: PublishedEntry[];
}

export interface PublishedEntry {
  /** Base name, as `web1.json`. */
  file: string;
  /** Identifies the file's content without reading it: see `fingerprintOf`. */
  fingerprint: string;
  /** ok: the file's content is in force. last-good: an earlier content is, for the faults given. rejected: nothing is. */
  state: 'ok' | 'last-good' | 'rejected';
  /** The definition in force; absent when rejected. */
  definition?: VmDefinition;
  faults: Fault[];
  /** When this state was reached, ISO 8601. */
  since: string;
}

export const emptyState: PublishedState = { version: 1, entries: [] };

/** Reads what `formatPublishedState` wrote. Only vm_watcher writes this document, so its entries are not validated again. */
export function parsePublishedState(text: string): Result<PublishedState> {
  const json = parseJsonObject('published state', text);
  if (!json.ok) return json;
  const { version, provisionerIp, entries } = json.value;
  if (version === 1 && Array.isArray(entries)) {
    const known = typeof provisionerIp === 'string' ? { provisionerIp } : {};
    return { ok: true, value: { version, ...known, entries: entries as PublishedEntry[] } };
  }
  const problem = `has version ${describeError(version)}, not 1`;
  return {
    ok: false,
    faults: [{ file: 'published state', path: '/version', value: '', problem, fix: 'restart vm_watcher' }],
  };
}

/** One entry a line, so that a person can read it and a comparison of bytes is a comparison of states. */
export function formatPublishedState(state: PublishedState): string {
  const lines = state.entries.map((entry) => JSON.stringify(entry));
  const provisioner =
    state.provisionerIp === undefined ? '' : `"provisionerIp":${JSON.stringify(state.provisionerIp)},`;
  return `{"version":1,${provisioner}"entries":[\n${lines.join(',\n')}\n]}\n`;
}

/** The definitions in force, in the order of their files. */
export function definitionsInForce(state: PublishedState): VmDefinition[] {
  return state.entries.flatMap((entry) => (entry.definition === undefined ? [] : [entry.definition]));
}
