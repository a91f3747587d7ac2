import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a program that writes there would change. */
export type DirectoryFacts = Readonly<Record<string, string>>;

/** Inode, mode, owner, time of the last change, and of each file size and SHA-256, by name; the directory itself is ".", whose time
 * also tells of a file that was made and removed. */
export async function directoryFacts(directory: string): Promise<DirectoryFacts> {
  const names = ['.', ...(await readdir(directory)).sort()];
  const facts: Record<string, string> = {};
  for (const name of names) facts[name] = await factsOf(join(directory, name));
  return facts;
}

async function factsOf(path: string): Promise<string> {
  const facts = await stat(path, { bigint: true });
  const words = [
    `inode=${facts.ino} mode=${facts.mode.toString(8)} owner=${facts.uid}:${facts.gid} mtime=${facts.mtimeNs}`,
  ];
  if (facts.isFile()) {
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    words.push(`size=${facts.size} sha256=${sha256}`);
  }
  return words.join(' ');
}
