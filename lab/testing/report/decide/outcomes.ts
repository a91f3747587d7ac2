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
 * A test in a suite counts for the suite's file, wherever it is written: several files share some. The runner tells a suite's tests
 * before the suite, and one file after the other.
 * A suite that is skipped as a whole counts as one test skipped: the runner does not tell what is in it.
 * @param root the directory that paths are given from */
export function countOutcomes(events: readonly EndEvent[], root: string): FileResult[] {
  const results = new Map<string, FileResult>();
  let inSuite: EndEvent[] = [];
  for (const event of events) {
    if (event.data.nesting > 0) {
      inSuite.push(event);
      continue;
    }
    const file = relative(root, event.data.file ?? event.data.name);
    const result = results.get(file) ?? emptyResult(file);
    results.set(file, result);
    result.seconds += event.data.details.duration_ms / 1000;
    for (const { type, data } of [...inSuite, event]) count(result, type === 'test:fail', data);
    inSuite = [];
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
