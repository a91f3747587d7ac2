import { parseJsonObject } from './json.ts';
import type { Fault, Result } from './result.ts';
import type { VmDefinition } from './vm-definition.ts';
import { parseVmDefinition } from './vm-definition.ts';

/** One definition file as a scan found it. */
export type ScannedFile = { file: string; fingerprint: string } & (
  { kind: 'unchanged' } | { kind: 'read'; text: string } | { kind: 'unreadable'; problem: string }
);

/** Which definitions are in force, and why others are not: what vm_watcher publishes. */
export interface PublishedState {
  version: 1;
  /** Sorted by file. */
  entries: PublishedEntry[];
}

export interface PublishedEntry {
  /** Base name, as `web1.json`. */
  file: string;
  fingerprint: string;
  /** ok: as the file says; last-good: as the file said before it got faults; rejected: never was good. */
  state: 'ok' | 'last-good' | 'rejected';
  /** In force; absent exactly when the state is "rejected". */
  definition?: VmDefinition;
  faults: Fault[];
  /** Since when it is so, ISO 8601. */
  since: string;
}

/** Decides which definitions are in force; the one place where that is decided.
 * A file with faults keeps its last good version in force and harms no other. A file that is gone is out of force. */
export function resolve(
  previous: PublishedState | undefined,
  files: readonly ScannedFile[],
  now: Date,
): PublishedState {
  const before = new Map(previous?.entries.map((entry) => [entry.file, entry]));
  const entries = files.map((file) => resolveFile(before.get(file.file), file, now.toISOString()));
  return { version: 1, entries: entries.toSorted((a, b) => (a.file < b.file ? -1 : 1)) };
}

function resolveFile(before: PublishedEntry | undefined, scanned: ScannedFile, now: string): PublishedEntry {
  if (scanned.kind === 'unchanged' && before !== undefined) return before;
  const { file, fingerprint } = scanned;
  const parsed = parseScanned(scanned);
  if (parsed.ok) {
    const same = before?.state === 'ok' && sameJson(before.definition, parsed.value);
    return { file, fingerprint, state: 'ok', definition: parsed.value, faults: [], since: same ? before.since : now };
  }
  const { faults } = parsed;
  const since = before !== undefined && sameJson(before.faults, faults) ? before.since : now;
  if (before?.definition === undefined) return { file, fingerprint, state: 'rejected', faults, since };
  return { file, fingerprint, state: 'last-good', definition: before.definition, faults, since };
}

function parseScanned(scanned: ScannedFile): Result<VmDefinition> {
  if (scanned.kind === 'read') return parseVmDefinition(scanned.file, scanned.text);
  const problem = scanned.kind === 'unreadable' ? scanned.problem : 'is not known yet';
  const fix = 'put one regular file with the definition there, or remove it';
  return { ok: false, faults: [{ file: scanned.file, path: '', value: '', problem, fix }] };
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Reads a published state back; only vm_watcher writes it, so only the frame is checked. */
export function parsePublishedState(text: string): Result<PublishedState> {
  const file = 'published state';
  const json = parseJsonObject(file, text);
  if (!json.ok) return json;
  if (json.value['version'] !== 1 || !Array.isArray(json.value['entries'])) {
    const fix = 'remove it; vm_watcher writes it again';
    return { ok: false, faults: [{ file, path: '/version', value: '', problem: 'is not a state of version 1', fix }] };
  }
  // Written by vm_watcher from this very type.
  return { ok: true, value: json.value as unknown as PublishedState };
}
