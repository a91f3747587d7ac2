import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/** An event that tells how a test, or a suite of them, ended. */
export type EndEvent = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

/** What the tests of one file came to. */
export interface FileResult {
  /** Path from the top of the checkout; of a suite without test files, what it runs. */
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
  /** Titles of the tests that failed. */
  failures: string[];
  /** Titles of the tests that were left out, each with the reason. */
  skips: string[];
}

/** The result of a file of which nothing has been told yet. */
export function emptyResult(file: string): FileResult {
  return { file, passed: 0, failed: 0, skipped: 0, seconds: 0, failures: [], skips: [] };
}

/** Counts what node's test runner tells, file by file, in the order of the files' first tests.
 * A suite that is skipped as a whole counts as one test skipped: the runner does not tell what is in it.
 * @param root the directory that paths are given from */
export function countOutcomes(events: readonly EndEvent[], root: string): FileResult[] {
  const results = new Map<string, FileResult>();
  for (const { type, data } of events) {
    const file = relative(root, data.file ?? data.name);
    const result = results.get(file) ?? emptyResult(file);
    results.set(file, result);
    if (data.nesting === 0) result.seconds += data.details.duration_ms / 1000;
    count(result, type === 'test:fail', data);
  }
  return [...results.values()];
}

function count(result: FileResult, failed: boolean, data: EndEvent['data']): void {
  const leftOut = isSet(data.skip) ? data.skip : data.todo;
  if (isSet(leftOut)) {
    result.skipped += 1;
    result.skips.push(`${data.name}: ${typeof leftOut === 'string' ? leftOut : 'no reason given'}`);
  } else if (data.details.type !== 'suite') {
    if (failed) result.failures.push(data.name);
    result[failed ? 'failed' : 'passed'] += 1;
  }
}

function isSet(mark: string | boolean | undefined): mark is string | true {
  return mark !== undefined && mark !== false;
}
