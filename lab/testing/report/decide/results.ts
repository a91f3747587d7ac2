import type { Accelerator } from '../../../src/decide/qemu-arguments.ts';
import type { FileResult } from './outcomes.ts';
import { emptyResult } from './outcomes.ts';

export interface Machine {
  processors: number;
  architecture: string;
  accelerator: Accelerator;
  system: string;
  qemu: string;
  node: string;
}

/** One call of run-tests.sh. */
export interface TestRun {
  /** ISO 8601, UTC. */
  started: string;
  commit: string;
  /** Whether the tree held changes that were not committed. */
  changed: boolean;
  machine: Machine;
}

/** A file's result and the run that it comes from. */
export interface Row extends FileResult {
  run: TestRun;
}

/** A suite as it has just been run. */
export interface SuiteRun {
  suite: string;
  status: number;
  seconds: number;
  /** By file; undefined for a suite without test files. */
  files: readonly FileResult[] | undefined;
}

/** The rows of a suite that has just been run. A status other than 0 never goes without a failure.
 * @param step what the suite runs when it has no test files */
export function rowsOf({ suite, status, seconds, files }: SuiteRun, run: TestRun, step: string): Row[] {
  const passed = status === 0;
  const ended = `${suite} ended with status ${status}`;
  const whole: FileResult = passed
    ? { ...emptyResult(step), passed: 1, seconds }
    : { ...emptyResult(step), failed: 1, seconds, failures: [ended] };
  if (files === undefined) return [{ ...whole, run }];
  const told = passed || files.some(({ failed }) => failed > 0);
  return [...files, ...(told ? [] : [whole])].map((result) => ({ ...result, run }));
}

/** Puts new rows in the place of earlier ones. Earlier ones of files that are gone are left out.
 * @param files the test files that the suite has now */
export function mergeRows(earlier: readonly Row[], rows: readonly Row[], files: readonly string[]): Row[] {
  const kept = earlier.filter(({ file }) => files.includes(file) && !rows.some((row) => row.file === file));
  return [...kept, ...rows].sort((a, b) => (a.file < b.file ? -1 : 1));
}
