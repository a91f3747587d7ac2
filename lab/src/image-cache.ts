import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chown, constants, copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Debian's security updates matter little to what the lab installs, but a root file system should not grow old. */
const daysKept = 30;
const dayMs = 86_400_000;
/** In an entry, next to the files that it lists. */
const recordFile = 'record.json';

/** What an entry says of itself. */
interface CacheRecord {
  /** ISO 8601, UTC. */
  made: string;
  files: Record<string, CachedFile>;
}

interface CachedFile {
  bytes: number;
  sha256: string;
}

/** Where finished image directories are kept for other clones (XDG Base Directory Specification); undefined without a home. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string | undefined {
  const own = env['XDG_CACHE_HOME']?.startsWith('/') === true ? env['XDG_CACHE_HOME'] : undefined;
  const home = env['HOME'] ?? '';
  const base = own ?? (home === '' ? undefined : join(home, '.cache'));
  return base === undefined ? undefined : join(base, 'pxeboot_stack/images');
}

/** A name for what all files of a directory and some facts determine together. */
export async function keyOf(directory: string, facts: Readonly<Record<string, string>>): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort();
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const path of paths) hash.update(`\0${path.slice(directory.length)}\0`).update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}

/** Makes a directory with copies of an entry's files, whole or not at all; what was there is replaced.
 * @returns the day on which they were made; undefined, and nothing is done, for an entry that is not there, old or damaged */
export async function takeFromCache(entry: string, directory: string): Promise<string | undefined> {
  const beside = join(dirname(directory), `.build-${randomUUID()}`);
  try {
    const record = JSON.parse(await readFile(join(entry, recordFile), 'utf8')) as CacheRecord;
    if (!(Date.now() - Date.parse(record.made) < daysKept * dayMs)) return undefined;
    await mkdir(beside, { recursive: true });
    for (const [name, file] of Object.entries(record.files)) {
      await copyFile(join(entry, name), join(beside, name), constants.COPYFILE_FICLONE);
      if (!isSame(await describeFile(join(beside, name)), file)) return undefined;
    }
    await replace(beside, directory);
    return record.made.slice(0, 10);
  } catch {
    return undefined;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** Keeps copies of a directory's files as an entry, whole or not at all. The entries next to it are removed: they are of the same
 * image, made from other sources. What is made belongs to the owner of the directory that was there before.
 * @throws the file system's error */
export async function putIntoCache(entry: string, directory: string): Promise<void> {
  const siblings = dirname(entry);
  const beside = join(siblings, `new.${randomUUID()}`);
  await makeAsOwner(beside);
  try {
    const record: CacheRecord = { made: new Date().toISOString(), files: {} };
    for (const name of await readdir(directory)) {
      await copyFile(join(directory, name), join(beside, name), constants.COPYFILE_FICLONE);
      record.files[name] = await describeFile(join(beside, name));
    }
    await writeFile(join(beside, recordFile), JSON.stringify(record, undefined, 1));
    for (const name of await readdir(beside)) await chownAs(beside, join(beside, name));
    await replace(beside, entry);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  for (const name of await readdir(siblings)) {
    if (join(siblings, name) !== entry && !(await isBeingMade(join(siblings, name)))) {
      await rm(join(siblings, name), { recursive: true, force: true });
    }
  }
}

/** Two that are made at once: the last one stays. */
async function replace(finished: string, directory: string): Promise<void> {
  const old = `${finished}.old`;
  for (let attempt = 1; ; attempt++) {
    await rename(directory, old).catch(() => undefined);
    try {
      await rename(finished, directory);
      break;
    } catch (error) {
      if (attempt === 3) throw error;
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }
}

/** One that another build is making, and has not left a day ago. */
async function isBeingMade(path: string): Promise<boolean> {
  if (!/\/new\.[^/]*$/.test(path)) return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < dayMs;
}

function isSame(one: CachedFile, other: CachedFile): boolean {
  return one.bytes === other.bytes && one.sha256 === other.sha256;
}

async function describeFile(path: string): Promise<CachedFile> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

/** Makes a directory and those above it. The lab works as root, and the cache is in a user's home. */
async function makeAsOwner(directory: string): Promise<void> {
  if ((await stat(directory).catch(() => undefined)) !== undefined) return;
  await makeAsOwner(dirname(directory));
  await mkdir(directory).catch(async (error: unknown) => {
    if ((await stat(directory).catch(() => undefined)) === undefined) throw error;
  });
  await chownAs(dirname(directory), directory);
}

async function chownAs(model: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(model);
  await chown(path, uid, gid);
}
