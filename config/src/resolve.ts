import type { PublishedEntry, PublishedState } from './published-state.ts';
import type { Fault, Result } from './result.ts';
import { showValue } from './result.ts';
import type { VmDefinition } from './vm-definition.ts';
import { parseVmDefinition } from './vm-definition.ts';

/** One definition file as a scan found it. */
export type ScannedFile = { file: string; fingerprint: string } & (
  | { kind: 'unchanged' }
  /** repeated: the same text as at the scan before. */
  | { kind: 'read'; text: string; repeated?: true }
  | { kind: 'unreadable'; problem: string }
);

/** True when these files lead to the state that is in force already: nothing came, went or changed.
 * @param files of a scan that compared contents with those that led to `state` */
export function sameFiles(state: PublishedState, files: readonly ScannedFile[]): boolean {
  if (state.entries.length !== files.length) return false;
  return state.entries.every((entry, index) => {
    const file = files[index];
    if (file?.file !== entry.file || file.fingerprint !== entry.fingerprint) return false;
    if (file.kind === 'unreadable') return entry.faults[0]?.problem === file.problem;
    return file.kind === 'unchanged' || file.repeated === true;
  });
}

/** What two VMs must not share. */
const uniqueFields = ['mac', 'ip', 'ipv6', 'name'] as const;

/** Decides which definitions are in force. This is the one place that does.
 *
 * - A valid file is in force.
 * - A file that became invalid keeps its last good definition; one that was never valid is rejected.
 * - Two files that claim one MAC, address or name: the one that already holds it keeps it; among newcomers the first
 *   by file name wins. The other keeps its last good definition where that is free, else it is rejected.
 * - A file that is gone is out of force.
 * @param previous the state in force until now; undefined at the first start */
export function resolve(
  previous: PublishedState | undefined,
  files: readonly ScannedFile[],
  now: Date,
): PublishedState {
  const before = new Map((previous?.entries ?? []).map((entry) => [entry.file, entry]));
  const claims = new Claims();
  const candidates = files.map((file) => toCandidate(file, before.get(file.file)));
  const holdersFirst = candidates.toSorted((a, b) => Number(b.holds) - Number(a.holds) || compareText(a.file, b.file));
  const settled = holdersFirst.map((candidate) => settle(candidate, claims));
  const entries = settled.map((entry) => keepSince(entry, before.get(entry.file), now));
  return { version: 1, entries: entries.sort((a, b) => compareText(a.file, b.file)) };
}

interface Candidate {
  file: string;
  fingerprint: string;
  /** What the file says now, when it is valid. */
  wanted?: VmDefinition;
  /** What was in force for it until now. */
  lastGood?: VmDefinition;
  faults: Fault[];
  /** Its unique values are those that were in force until now. */
  holds: boolean;
}

type Decision = Omit<PublishedEntry, 'since'>;

function toCandidate(scanned: ScannedFile, before: PublishedEntry | undefined): Candidate {
  const { file, fingerprint } = scanned;
  const lastGood = before?.definition === undefined ? {} : { lastGood: before.definition };
  const parsed = parseContent(scanned, before);
  if (!parsed.ok)
    return { file, fingerprint, ...lastGood, faults: parsed.faults, holds: lastGood.lastGood !== undefined };
  const holds =
    scanned.kind === 'unchanged' || (lastGood.lastGood !== undefined && sameClaims(parsed.value, lastGood.lastGood));
  return { file, fingerprint, wanted: parsed.value, ...lastGood, faults: [], holds };
}

function parseContent(scanned: ScannedFile, before: PublishedEntry | undefined): Result<VmDefinition> {
  const { file } = scanned;
  switch (scanned.kind) {
    case 'read':
      return parseVmDefinition(file, scanned.text);
    case 'unreadable': {
      const fix = 'put one regular file with the definition there, or remove it';
      return { ok: false, faults: [{ file, path: '', value: '', problem: scanned.problem, fix }] };
    }
    case 'unchanged':
      if (before?.state === 'ok' && before.definition !== undefined) return { ok: true, value: before.definition };
      return { ok: false, faults: before?.faults ?? [] };
  }
}

function settle(candidate: Candidate, claims: Claims): Decision {
  const { file, fingerprint, wanted, lastGood } = candidate;
  const faults = [...candidate.faults];
  if (wanted !== undefined) {
    const conflicts = claims.conflicts(file, wanted);
    if (conflicts.length === 0) {
      claims.add(file, wanted);
      return { file, fingerprint, state: 'ok', definition: wanted, faults: [] };
    }
    faults.push(...conflicts);
  }
  if (lastGood !== undefined && claims.conflicts(file, lastGood).length === 0) {
    claims.add(file, lastGood);
    return { file, fingerprint, state: 'last-good', definition: lastGood, faults };
  }
  return { file, fingerprint, state: 'rejected', faults };
}

/** Who holds which MAC, address and name. */
class Claims {
  readonly #holders = new Map<string, string>();

  add(file: string, vm: VmDefinition): void {
    for (const field of uniqueFields) {
      if (vm[field] !== undefined) this.#holders.set(`${field} ${vm[field]}`, file);
    }
  }

  conflicts(file: string, vm: VmDefinition): Fault[] {
    return uniqueFields.flatMap((field) => {
      const holder = vm[field] === undefined ? undefined : this.#holders.get(`${field} ${vm[field]}`);
      if (holder === undefined) return [];
      const fix = `change "${field}" in ${file} or in ${holder}`;
      return [{ file, path: `/${field}`, value: showValue(vm[field]), problem: `is already held by ${holder}`, fix }];
    });
  }
}

function sameClaims(a: VmDefinition, b: VmDefinition): boolean {
  return uniqueFields.every((field) => a[field] === b[field]);
}

/** A state that did not change keeps the time at which it was reached. */
function keepSince(entry: Decision, before: PublishedEntry | undefined, now: Date): PublishedEntry {
  const same =
    before !== undefined && JSON.stringify({ ...before, since: '' }) === JSON.stringify({ ...entry, since: '' });
  return { ...entry, since: same ? before.since : now.toISOString() };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
