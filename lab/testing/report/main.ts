import { existsSync, globSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createLog } from '@pxeboot/config/host/log';
import { createProgram } from '@pxeboot/config/host/program';
import { describeError } from '@pxeboot/config/kit/errors';

import type { FileResult } from './decide/outcomes.ts';
import { writeReport } from './decide/report.ts';
import type { Row, TestRun } from './decide/results.ts';
import { mergeRows, rowsOf } from './decide/results.ts';
import type { SuiteFiles } from './suites.ts';
import { listSuites } from './suites.ts';
import { beginRun } from './test-machine.ts';

const page = 'docs/test-report.md';
const directory = 'build/test/results';
const runFile = join(directory, 'run.json');
const partsFile = 'lab/testing/test-parts.txt';
const log = createLog('test-report');

interface RecordOptions {
  status: string;
  seconds: string;
  files: string;
}

async function begin(): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(runFile, JSON.stringify(await beginRun(page)));
}

async function record(suite: string, { status, seconds, files }: RecordOptions): Promise<void> {
  const suites = await allSuites();
  const known = suites.find(({ name }) => name === suite);
  if (known === undefined)
    throw new Error(`record suite "${suite}": expected one of ${suites.map(({ name }) => name).join(', ')}`);
  const { step } = known;
  const told = await readJson<FileResult[]>(files);
  if (step === undefined && status === '0' && told === undefined)
    throw new Error(`record suite "${suite}": it passed, but "${files}" does not exist`);
  const run = await readJson<TestRun>(runFile);
  if (run === undefined) throw new Error(`record suite "${suite}": "${runFile}" does not exist; begin a run first`);
  const suiteRun = {
    suite,
    status: Number(status),
    seconds: Number(seconds),
    // A run that broke off has told nothing.
    files: step === undefined ? (told ?? []) : undefined,
  };
  const rows = mergeRows(await rowsSoFar(suite), rowsOf(suiteRun, run, step ?? 'the run itself'), known.files);
  await writeFile(resultFile(suite), JSON.stringify(rows, undefined, 1));
  await writePage(suites);
}

async function writePage(suites: readonly SuiteFiles[]): Promise<void> {
  const known = await Promise.all(suites.map(async (suite) => ({ ...suite, rows: await rowsSoFar(suite.name) })));
  await writeFile(page, writeReport(known));
}

async function allSuites(): Promise<SuiteFiles[]> {
  return listSuites(await readFile(partsFile, 'utf8'), (folder) =>
    globSync(`*/test/${folder}/**/*.test.ts`, { exclude: ['node_modules'] }).sort(),
  );
}

async function rowsSoFar(suite: string): Promise<Row[]> {
  return (await readJson<Row[]>(resultFile(suite))) ?? [];
}

function resultFile(suite: string): string {
  return join(directory, `${suite}.json`);
}

/** A file that this program or its reporter wrote; undefined when there is none or it is empty. */
async function readJson<Content>(file: string): Promise<Content | undefined> {
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  return text === '' ? undefined : (JSON.parse(text) as Content);
}

const program = createProgram('test-report', `Keeps the results of the suites and writes ${page} from them`, {
  0: 'kept',
  1: 'a file or a suite is not there, or it cannot be read or written',
  2: 'the command line is wrong',
});
program.command('begin').description('notes commit, time and machine of the run that begins').action(begin);
program
  .command('record <suite>')
  .description('keeps the result of a suite and writes the page')
  .requiredOption('--status <number>', 'exit status of the suite')
  .requiredOption('--seconds <number>', 'how long it took')
  .requiredOption('--files <file>', 'what outcome-reporter.ts wrote')
  .action(record);

try {
  await program.parseAsync();
} catch (error) {
  log.error(describeError(error));
  process.exitCode = 1;
}
