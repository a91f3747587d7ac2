import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { run } from '../host/run.ts';
import { InputError } from '../kit/errors.ts';
import { showValue } from '../kit/text.ts';
import { chooseModules, parseModuleFolders } from './decide/installer-modules.ts';
import { allEnded, startStreamProgram } from './stream-program.ts';
import type { SystemTree } from './system-tree.ts';

const timeoutMs = 300_000;
/** What depmod reads besides the modules. */
const lists = ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'];

/** Writes modules.cpio.gz: `lib/modules/<release>` with the modules that an installer may need, as the distribution has packed
 * each, and an index of these. Of a kernel whose modules have no index, all are taken. Links are followed in the system, never on this
 * machine.
 * @param source folder of the kernel's modules, in the system
 * @param folder for the files before they are packed
 * @throws InputError a module is missing or no regular file, or has a path that no module has; CommandError depmod, cpio or gzip failed */
export async function writeModulesArchive(
  system: SystemTree,
  source: string,
  output: string,
  { release, folder, list, signal }: { release: string; folder: string; list: string; signal: AbortSignal },
): Promise<void> {
  const target = join(folder, 'lib/modules', release);
  const dep = (await system.read(`${source}/modules.dep`)) ?? '';
  const folders = parseModuleFolders(await readFile(list, 'utf8'));
  const modules = dep === '' ? await everyModule(system, source) : chooseModules(dep, folders);
  for (const path of [...modules, ...lists]) {
    signal.throwIfAborted();
    requireModulePath(path);
    await mkdir(dirname(join(target, path)), { recursive: true });
    if ((await system.copy(`${source}/${path}`, join(target, path))) || lists.includes(path)) continue;
    throw new InputError(
      `take the modules of the system: ${showValue(path)} is missing, or a link that leads nowhere; run depmod in the system first`,
    );
  }
  await run('depmod', ['-b', folder, release], { timeoutMs, signal });
  await pack(folder, output, signal);
}

/** What an image says is not to be trusted: a path becomes one of the archive. */
function requireModulePath(path: string): void {
  if (!path.split('/').includes('..') && !/\p{Cc}/u.test(path)) return;
  throw new InputError(`take the modules of the system: ${showValue(path)} is no path of a module`);
}

/** Paths below `source`. */
async function everyModule(system: SystemTree, source: string): Promise<string[]> {
  const top = await system.locate(`${source}/kernel`);
  if (top === undefined)
    throw new InputError(
      `take the modules of the system: the system has no modules in ${showValue(`${source}/kernel`)}`,
    );
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && /\.ko(\.\w+)?$/.test(entry.name))
    .map((entry) => join('kernel', relative(top, join(entry.parentPath, entry.name))))
    .sort();
}

async function pack(folder: string, output: string, signal: AbortSignal): Promise<void> {
  const entries = await readdir(join(folder, 'lib/modules'), { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  const cpio = startStreamProgram('cpio', ['--quiet', '--null', '-R', '0:0', '-o', '-H', 'newc'], {
    signal,
    cwd: folder,
  });
  const gzip = startStreamProgram('gzip', ['-6', '-n'], { signal });
  cpio.stdin.end(paths.map((path) => `${path}\0`).join(''));
  const packed = pipeline(cpio.stdout, gzip.stdin, { signal });
  await allEnded([packed, pipeline(gzip.stdout, createWriteStream(output), { signal }), cpio.ended, gzip.ended]);
}
