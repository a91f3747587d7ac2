import type { Row, TestRun } from './results.ts';

/** A suite with all that is known of it. */
export interface Suite {
  name: string;
  /** Its test files, or the one thing that it runs. */
  files: readonly string[];
  rows: readonly Row[];
}

/** The page docs/test-report.md. */
export function writeReport(suites: readonly Suite[]): string {
  const runs = runsOf(suites);
  return [
    '# Test report',
    '',
    'Written by `make test-all`, not by hand. That may be done in parts: each row says which run it comes from. Seconds are the',
    'tests’ own, without the start of each file’s process.',
    '',
    ...table(['run', 'started (UTC)', 'commit', 'machine'], runs.map(runCells)),
    '',
    ...table(['suite', 'files', 'tests', 'passed', 'failed', 'skipped', 'files not run', 'seconds'], totals(suites)),
    '',
    ...list('Failed', suites, ({ failures }) => failures),
    '',
    ...list('Skipped', suites, ({ skips }) => skips),
    '',
    '## Files',
    '',
    ...table(
      ['suite', 'file', 'tests', 'passed', 'failed', 'skipped', 'seconds', 'run'],
      suites.flatMap((suite) => fileCells(suite, runs)),
    ),
    '',
  ].join('\n');
}

function runsOf(suites: readonly Suite[]): TestRun[] {
  const runs = new Map(suites.flatMap(({ rows }) => rows.map(({ run }) => [run.started, run])));
  return [...runs.values()].sort((a, b) => (a.started < b.started ? -1 : 1));
}

function runCells(run: TestRun, index: number): string[] {
  return [`${index + 1}`, ...describeRun(run)];
}

/** When, of which commit, and where a run was: started (UTC), commit, machine. */
export function describeRun({ started, commit, changed, machine }: TestRun): [string, string, string] {
  const { processors, architecture, accelerator, system, qemu, node } = machine;
  return [
    started.slice(0, 16).replace('T', ' '),
    `\`${commit}\`${changed ? ' with changes that are not committed' : ''}`,
    `${processors} CPUs ${architecture}, ${accelerator.toUpperCase()}, ${system}, QEMU ${qemu}, Node ${node}`,
  ];
}

function totals(suites: readonly Suite[]): string[][] {
  return suites.map(({ name, files, rows }) => {
    const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
    const counts = [
      sum(testsOf),
      sum(({ passed }) => passed),
      sum(({ failed }) => failed),
      sum(({ skipped }) => skipped),
    ];
    return [name, `${files.length}`, ...counts.map(String), `${notRun({ files, rows }).length}`, seconds(sum)];
  });
}

function seconds(sum: (of: (row: Row) => number) => number): string {
  return sum((row) => row.seconds).toFixed(1);
}

function testsOf({ passed, failed, skipped }: Row): number {
  return passed + failed + skipped;
}

function notRun({ files, rows }: Pick<Suite, 'files' | 'rows'>): string[] {
  return files.filter((file) => !rows.some((row) => row.file === file));
}

function list(title: string, suites: readonly Suite[], of: (row: Row) => readonly string[]): string[] {
  const lines = suites.flatMap(({ rows }) =>
    rows.flatMap((row) => of(row).map((what) => `- \`${row.file}\`: ${what}`)),
  );
  return lines.length === 0 ? [`${title}: none.`] : [`${title}:`, '', ...lines];
}

function fileCells(suite: Suite, runs: readonly TestRun[]): string[][] {
  const known = suite.rows.map((row) => [
    ...[suite.name, row.file, `${testsOf(row)}`, `${row.passed}`, `${row.failed}`, `${row.skipped}`],
    ...[row.seconds.toFixed(1), `${runs.findIndex(({ started }) => started === row.run.started) + 1}`],
  ]);
  return [...known, ...notRun(suite).map((file) => [suite.name, file, 'not run', '', '', '', '', ''])];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
