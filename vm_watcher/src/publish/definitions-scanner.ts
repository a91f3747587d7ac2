import type { PublishedState } from '@pxeboot/config/contract/published-state';
import { createContentMemory } from '@pxeboot/config/definitions/content-memory';
import { scanDefinitions } from '@pxeboot/config/definitions/read/scan';
import { resolve, sameFiles } from '@pxeboot/config/definitions/resolve';
import type { Log } from '@pxeboot/config/host/log';
import { describeError } from '@pxeboot/config/kit/errors';
import type { LintNetwork } from '@pxeboot/config/lint/rules/vm-addresses';

import { directoryNews } from '../decide/publication.ts';
import { createFindingReporter } from './finding-reporter.ts';
import { logChanges } from './log-changes.ts';

/** Every file of a usual lab at every pass; of 10,000 each within half a minute, besides those that changed lately. */
const contentMemory = { hotMs: 10_000, filesPerScan: 256 };

export interface ScannerOptions {
  vmsDir: string;
  network(): LintNetwork | undefined;
  log: Log;
}

/** Looks at the definition files and logs their flaws. */
export interface DefinitionsScanner {
  /** @returns what follows from the files and this state, the state itself when nothing has changed; undefined while the directory
   * cannot be read, which is logged once */
  scan(state: PublishedState): Promise<PublishedState | undefined>;
  /** The directories that definitions are links into, as the last scan found them; sorted. */
  linkedDirectories(): readonly string[];
}

export function createDefinitionsScanner({ vmsDir, network, log }: ScannerOptions): DefinitionsScanner {
  const contents = createContentMemory(contentMemory);
  const reportFindings = createFindingReporter(log, network);
  let problem: string | undefined;
  let linked: readonly string[] = [];

  function tell(next: string | undefined): void {
    logChanges(log, directoryNews(problem, next, vmsDir));
    problem = next;
  }

  async function scan(state: PublishedState): Promise<PublishedState | undefined> {
    try {
      const files = await scanDefinitions(vmsDir, state, { contents });
      linked = [...new Set(files.flatMap(({ linkedDirectory }) => linkedDirectory ?? []))].toSorted();
      const next = sameFiles(state, files) ? state : resolve(state, files, new Date());
      if (next !== state) reportFindings(files, next);
      tell(undefined);
      return next;
    } catch (error) {
      tell(describeError(error));
      return undefined;
    }
  }

  return { scan, linkedDirectories: () => linked };
}
