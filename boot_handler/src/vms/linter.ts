import type { LintSources } from '@pxeboot/config/lint/lint-directory';
import { lintDirectory } from '@pxeboot/config/lint/lint-directory';
import type { Finding } from '@pxeboot/config/lint/rules/finding';
import type { LintNetwork } from '@pxeboot/config/lint/rules/vm-addresses';

import { createRefresher } from './refresher.ts';

/** @returns what is worth knowing about the definitions now; all who ask at once share one look */
export type Linter = () => Promise<readonly Finding[]>;

const pauseBetweenLooksMs = 500;

export interface LinterOptions extends Omit<LintSources, 'network'> {
  /** Asked at each look: an interface without carrier is not known. */
  network(): LintNetwork | undefined;
}

/** A linter that looks at most twice a second, however many ask. */
export function createLinter(options: LinterOptions): Linter {
  let findings: readonly Finding[] = [];
  const refresh = createRefresher(async () => {
    findings = await lintDirectory({ ...options, network: options.network() });
  }, pauseBetweenLooksMs);

  return async () => {
    await refresh();
    return findings;
  };
}
