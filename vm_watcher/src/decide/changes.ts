import type { PublishedEntry, PublishedState } from '@pxeboot/config/contract/published-state';
import { describeFault } from '@pxeboot/config/kit/fault';

/** One thing that changed between two states, as a log line says it. */
export interface Change {
  level: 'info' | 'warn';
  message: string;
  fields: Record<string, string>;
}

/** What is worth a log line: each VM that came, changed or went, and each fault once per change of it. */
export function changesBetween(previous: PublishedState | undefined, next: PublishedState): Change[] {
  const before = new Map(previous?.entries.map((entry) => [entry.file, entry]));
  const after = new Set(next.entries.map((entry) => entry.file));
  const removed = (previous?.entries ?? []).filter((entry) => !after.has(entry.file));
  return [
    ...next.entries.flatMap((entry) => changesOfEntry(before.get(entry.file), entry)),
    ...removed.map((entry) => ({ level: 'info' as const, message: 'vm removed', fields: { file: entry.file } })),
  ];
}

function changesOfEntry(before: PublishedEntry | undefined, entry: PublishedEntry): Change[] {
  if (before !== undefined && sameDecision(before, entry)) return [];
  if (entry.state === 'ok') {
    const { mac = '', ip } = entry.definition ?? {};
    const message =
      before?.definition === undefined ? 'vm added' : before.state === 'ok' ? 'vm changed' : 'vm file good again';
    return [{ level: 'info', message, fields: { file: entry.file, mac, ...(ip === undefined ? {} : { ip }) } }];
  }
  const message =
    entry.state === 'last-good'
      ? 'vm file has a fault, its last good version stays in force'
      : 'vm file has a fault and is not in force';
  return entry.faults.map((fault) => ({
    level: 'warn',
    message,
    fields: { file: entry.file, fault: describeFault(fault) },
  }));
}

/** A file that was only touched has nothing to report. */
function sameDecision(a: PublishedEntry, b: PublishedEntry): boolean {
  if (a === b) return true;
  if (a.fingerprint === b.fingerprint && a.since === b.since) return true;
  return a.state === b.state && JSON.stringify([a.definition, a.faults]) === JSON.stringify([b.definition, b.faults]);
}
