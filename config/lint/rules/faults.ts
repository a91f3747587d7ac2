import type { PublishedEntry } from '../../contract/published-state.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Everything that keeps a file out of force: schema faults, conflicts, contradictions, files that cannot be read. */
export function lintFaults(entry: PublishedEntry): Finding[] {
  const rule = entry.state === 'last-good' ? 'last-good-in-force' : 'not-in-force';
  return entry.faults.map((fault) => finding(rule, 'error', fault));
}
