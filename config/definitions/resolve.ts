import type { PublishedEntry, PublishedState } from '../contract/published-state.ts';
import type { VmDefinition } from '../contract/vm-definition.ts';
import { parseVmDefinition } from '../contract/vm-definition.ts';
import type { Fault, Result } from '../kit/fault.ts';
import { compareText, showValue } from '../kit/text.ts';
import type { Claimant, Settlement } from './conflicts.ts';
import { settleConflicts } from './conflicts.ts';

/** One definition file as a scan found it. */
export type ScannedFile = {
  file: string;
  fingerprint: string;
  /** Of a link: the directory of the file that it leads to, inside the directory of definitions. */
  linkedDirectory?: string;
} & (
  | { kind: 'unchanged' }
  /** repeated: the same text as at the scan before. */
  | { kind: 'read'; text: string; repeated?: true }
  /** fix: what to do, where it is not to put another file there */
  | { kind: 'unreadable'; problem: string; fix?: string }
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

/** Decides which definitions are in force. This is the one place that does.
 *
 * - A valid file is in force.
 * - A file that became invalid keeps its last good definition; one that was never valid is rejected.
 * - Between files that claim one MAC, address or name `settleConflicts` decides. The provisioner's own address is no VM's.
 * - A file that is gone is out of force.
 * @param previous the state in force until now; undefined at the first start
 * @param files sorted by file */
export function resolve(
  previous: PublishedState | undefined,
  files: readonly ScannedFile[],
  now: Date,
): PublishedState {
  const before = new Map((previous?.entries ?? []).map((entry) => [entry.file, entry]));
  const names = new Set(files.map(({ file }) => file.toLowerCase()));
  const candidates = files.map((file) => toCandidate(file, before.get(file.file), names, previous?.provisionerIp));
  const settled = settleConflicts(candidates);
  const entries = candidates.map((candidate) => {
    const decision = toDecision(candidate, settled.get(candidate.file) ?? { faults: [] });
    return keepSince(decision, before.get(candidate.file), now);
  });
  const sorted = entries.sort((a, b) => compareText(a.file, b.file));
  return previous?.provisionerIp === undefined
    ? { version: 1, entries: sorted }
    : { version: 1, provisionerIp: previous.provisionerIp, entries: sorted };
}

interface Candidate extends Claimant {
  fingerprint: string;
  faults: Fault[];
}

type Decision = Omit<PublishedEntry, 'since'>;

function toCandidate(
  scanned: ScannedFile,
  before: PublishedEntry | undefined,
  names: ReadonlySet<string>,
  provisionerIp: string | undefined,
): Candidate {
  const { file, fingerprint } = scanned;
  const lastGood =
    before?.definition === undefined || takesProvisionersAddress(before.definition, provisionerIp)
      ? {}
      : { lastGood: before.definition };
  const parsed = parseContent(scanned, before, names);
  if (!parsed.ok) return { file, fingerprint, ...lastGood, faults: parsed.faults };
  if (!takesProvisionersAddress(parsed.value, provisionerIp))
    return { file, fingerprint, wanted: parsed.value, ...lastGood, faults: [] };
  const problem = "is the provisioner's own address";
  const fault = { file, path: '/ip', value: showValue(provisionerIp), problem, fix: 'choose another address' };
  return { file, fingerprint, ...lastGood, faults: [fault] };
}

function takesProvisionersAddress(vm: VmDefinition, provisionerIp: string | undefined): boolean {
  return vm.role !== 'provisioner' && vm.ip !== undefined && vm.ip === provisionerIp;
}

function parseContent(
  scanned: ScannedFile,
  before: PublishedEntry | undefined,
  names: ReadonlySet<string>,
): Result<VmDefinition> {
  const { file } = scanned;
  switch (scanned.kind) {
    case 'read':
      return parseVmDefinition(file, scanned.text, names);
    case 'unreadable': {
      const fix = scanned.fix ?? 'put one regular file with the definition there, or remove it';
      return { ok: false, faults: [{ file, path: '', value: '', problem: scanned.problem, fix }] };
    }
    case 'unchanged':
      if (before?.state === 'ok' && before.definition !== undefined) return { ok: true, value: before.definition };
      return { ok: false, faults: before?.faults ?? [] };
  }
}

function toDecision({ file, fingerprint, wanted, faults }: Candidate, settlement: Settlement): Decision {
  const { definition } = settlement;
  const all = [...faults, ...settlement.faults];
  if (definition === undefined) return { file, fingerprint, state: 'rejected', faults: all };
  if (definition === wanted) return { file, fingerprint, state: 'ok', definition, faults: [] };
  return { file, fingerprint, state: 'last-good', definition, faults: all };
}

/** A state that did not change keeps the time at which it was reached; that its file was touched is no change. */
function keepSince(entry: Decision, before: PublishedEntry | undefined, now: Date): PublishedEntry {
  return { ...entry, since: before !== undefined && sameDecision(before, entry) ? before.since : now.toISOString() };
}

function sameDecision(a: Decision, b: Decision): boolean {
  if (a.state !== b.state) return false;
  if (a.definition === b.definition && a.faults.length === 0 && b.faults.length === 0) return true;
  return JSON.stringify([a.definition, a.faults]) === JSON.stringify([b.definition, b.faults]);
}
