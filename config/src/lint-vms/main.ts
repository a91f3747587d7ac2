import { stat } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { parseEnvironment } from '../environment.ts';
import { describeError, InputError, isErrno } from '../errors.ts';
import { createImageStore } from '../image-files.ts';
import { lintDirectory } from '../lint-directory.ts';
import type { Finding } from '../lint/finding.ts';
import { paths } from '../paths.ts';
import type { PublishedState } from '../published-state.ts';
import { parsePublishedState } from '../published-state.ts';
import { describeFault } from '../result.ts';

const usage = 'lint-vms [--vms DIR] [--images DIR] [--state FILE] [--json]';

/** Looks at every VM definition. Exit status: 0 nothing but notes, 1 an error or a warning, 2 it could not look. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const environment = parseEnvironment(process.env);
  const findings = await lintDirectory({
    vmsDir: options.vms,
    previous: await readState(options.state),
    images: (await isDirectory(options.images)) ? createImageStore(options.images) : undefined,
    network: environment.ok ? environment.value : undefined,
  });
  const bad = findings.some(({ level }) => level !== 'note');
  console.log(options.json ? JSON.stringify({ findings }, undefined, 2) : describeFindings(findings));
  return bad ? 1 : 0;
}

function readOptions(args: readonly string[]): { vms: string; images: string; state: string; json: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        vms: { type: 'string', default: paths.vms },
        images: { type: 'string', default: paths.images },
        state: { type: 'string', default: paths.publishedState },
        json: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (cause) {
    throw new InputError(`read the command line; usage: ${usage}`, { cause });
  }
}

function describeFindings(findings: readonly Finding[]): string {
  const lines = findings.map((found) => `${found.level} ${found.rule} ${describeFault(found)}`);
  const count = (level: Finding['level']) => findings.filter((found) => found.level === level).length;
  return [...lines, `${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`].join('\n');
}

/** Outside the container nothing is in force, and conflicts are decided by file name. */
async function readState(file: string): Promise<PublishedState | undefined> {
  try {
    const state = parsePublishedState(await readFile(file, 'utf8'));
    return state.ok ? state.value : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}

main()
  .then((status) => (process.exitCode = status))
  .catch((error: unknown) => {
    console.error(`lint-vms: ${describeError(error)}`);
    process.exitCode = 2;
  });
