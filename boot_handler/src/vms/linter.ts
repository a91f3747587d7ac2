import { readFile } from 'node:fs/promises';

import { isErrno } from '@pxeboot/config/errors';
import { lintDirectory } from '@pxeboot/config/lint-directory';
import type { LintSources } from '@pxeboot/config/lint-directory';
import type { Finding } from '@pxeboot/config/lint/finding';
import type { PublishedState } from '@pxeboot/config/published-state';
import { parsePublishedState } from '@pxeboot/config/published-state';

import { createRefresher } from './refresher.ts';

/** @returns what is worth knowing about the definitions now; all who ask at once share one look */
export type Linter = () => Promise<readonly Finding[]>;

export type LinterOptions = Omit<LintSources, 'previous'> & {
  /** vm_watcher's published state. */
  stateFile: string;
};

const pauseBetweenLooksMs = 500;

export function createLinter({ stateFile, ...sources }: LinterOptions): Linter {
  let findings: readonly Finding[] = [];
  const refresh = createRefresher(async () => {
    findings = await lintDirectory({ ...sources, previous: await readPublished(stateFile) });
  }, pauseBetweenLooksMs);

  return async () => {
    await refresh();
    return findings;
  };
}

async function readPublished(file: string): Promise<PublishedState | undefined> {
  try {
    const state = parsePublishedState(await readFile(file, 'utf8'));
    return state.ok ? state.value : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
