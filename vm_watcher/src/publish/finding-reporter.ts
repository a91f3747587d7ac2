import type { PublishedState } from '@pxeboot/config/contract/published-state';
import type { ScannedFile } from '@pxeboot/config/definitions/resolve';
import type { Log } from '@pxeboot/config/host/log';
import { describeFault } from '@pxeboot/config/kit/fault';
import type { Finding } from '@pxeboot/config/lint/rules/finding';
import { lintDefinition, lintText } from '@pxeboot/config/lint/rules/index';
import type { LintNetwork } from '@pxeboot/config/lint/rules/vm-addresses';

/** Logs what the rules find in files that have changed: each finding once, until it has gone and come again. */
export function createFindingReporter(
  log: Log,
  network: () => LintNetwork | undefined,
): (files: readonly ScannedFile[], state: PublishedState) => void {
  let reported = new Map<string, readonly string[]>();

  return (files, state) => {
    const known = network();
    const entries = new Map(state.entries.map((entry) => [entry.file, entry]));
    reported = new Map([...reported].filter(([file]) => entries.has(file)));
    for (const file of files) {
      if (file.kind !== 'read' || file.repeated === true) continue;
      const { state: word, definition } = entries.get(file.file) ?? {};
      const inForce = word === 'ok' && definition !== undefined;
      const findings = [
        ...lintText(file.file, file.text),
        ...(inForce ? lintDefinition(file.file, definition, known) : []),
      ];
      report(findings, reported.get(file.file) ?? []);
      reported.set(file.file, findings.map(describeFault));
    }
  };

  function report(findings: readonly Finding[], earlier: readonly string[]): void {
    for (const found of findings) {
      const text = describeFault(found);
      if (found.level === 'note' || earlier.includes(text)) continue;
      log.warn('lint finding', { file: found.file, rule: found.rule, finding: text });
    }
  }
}
