import { lintDirectory } from '@pxeboot/config/lint-directory';
import type { LintSources } from '@pxeboot/config/lint-directory';
import type { Finding } from '@pxeboot/config/lint/finding';

import { createRefresher } from './refresher.ts';

/** @returns what is worth knowing about the definitions now; all who ask at once share one look */
export type Linter = () => Promise<readonly Finding[]>;

const pauseBetweenLooksMs = 500;

export function createLinter(sources: LintSources): Linter {
  let findings: readonly Finding[] = [];
  const refresh = createRefresher(async () => {
    findings = await lintDirectory(sources);
  }, pauseBetweenLooksMs);

  return async () => {
    await refresh();
    return findings;
  };
}
