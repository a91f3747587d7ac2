import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { run } from '../host/run.ts';
import { isErrno } from '../kit/errors.ts';
import { chooseModules, parseModuleFolders } from './decide/installer-modules.ts';
import { allEnded, startStreamProgram } from './stream-program.ts';

const timeoutMs = 300_000;
/** What depmod reads besides the modules. */
const lists = ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'];

/** Writes modules.cpio.gz: `lib/modules/<release>` with the modules that an installer may need, as the distribution has packed
 * each, and an index of these. Of a kernel whose modules have no index, all are taken.
 * @param source folder of the kernel's modules, on this machine
 * @param folder for the files before they are packed
 * @throws CommandError depmod, cpio or gzip failed */
export async function writeModulesArchive(
  source: string,
  release: string,
  output: string,
  { folder, list, signal }: { folder: string; list: string; signal: AbortSignal },
): Promise<void> {
  const target = join(folder, 'lib/modules', release);
  const dep = await readOrUndefined(join(source, 'modules.dep'));
  const folders = parseModuleFolders(await readFile(list, 'utf8'));
  const modules = dep === undefined ? await everyModule(source) : chooseModules(dep, folders);
  for (const path of [...modules, ...lists]) {
    signal.throwIfAborted();
    await mkdir(dirname(join(target, path)), { recursive: true });
    await copyFile(join(source, path), join(target, path)).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT') || !lists.includes(path)) throw error;
    });
  }
  await run('depmod', ['-b', folder, release], { timeoutMs, signal });
  await pack(folder, output, signal);
}

async function readOrUndefined(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  });
  return text === '' ? undefined : text;
}

async function everyModule(source: string): Promise<string[]> {
  const entries = await readdir(join(source, 'kernel'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.ko(\.\w+)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))
    .sort();
}

async function pack(folder: string, output: string, signal: AbortSignal): Promise<void> {
  const entries = await readdir(join(folder, 'lib/modules'), { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  const cpio = startStreamProgram('cpio', ['--quiet', '-R', '0:0', '-o', '-H', 'newc'], { signal, cwd: folder });
  const gzip = startStreamProgram('gzip', ['-6', '-n'], { signal });
  cpio.stdin.end(paths.map((path) => `${path}\n`).join(''));
  const packed = pipeline(cpio.stdout, gzip.stdin, { signal });
  await allEnded([packed, pipeline(gzip.stdout, createWriteStream(output), { signal }), cpio.ended, gzip.ended]);
}
