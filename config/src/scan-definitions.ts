import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { describeError, isErrno } from './errors.ts';
import { maxDocumentBytes } from './json.ts';
import type { PublishedState } from './published-state.ts';
import type { ScannedFile } from './resolve.ts';

const filesAtOnce = 32;

/** Reads the definitions' directory: `*.json` without dot files, sorted. A file whose fingerprint stands in `previous`
 * is not read again. What is not a readable regular file is reported in its own entry.
 * @throws the file system's error when the directory itself cannot be read */
export async function scanDefinitions(directory: string, previous: PublishedState | undefined): Promise<ScannedFile[]> {
  const known = new Map((previous?.entries ?? []).map((entry) => [entry.file, entry.fingerprint]));
  const names = (await readdir(directory)).filter(isDefinitionName).sort();
  const scanned: ScannedFile[] = [];
  for (let start = 0; start < names.length; start += filesAtOnce) {
    const batch = names.slice(start, start + filesAtOnce);
    const files = await Promise.all(batch.map((name) => scanFile(directory, name, known.get(name))));
    scanned.push(...files.filter((file) => file !== undefined));
  }
  return scanned;
}

/** True for the names that are VM definitions: `*.json`, no dot files. */
export function isDefinitionName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/** Identifies a file's content by what one `stat` tells: a change of content changes at least one of these. */
export async function fingerprintOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

async function scanFile(directory: string, file: string, known: string | undefined): Promise<ScannedFile | undefined> {
  const path = join(directory, file);
  try {
    const fingerprint = await fingerprintOf(path);
    if (fingerprint === known) return { file, fingerprint, content: { kind: 'unchanged' } };
    return { file, fingerprint, content: await readDefinition(path) };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    return { file, fingerprint: '', content: { kind: 'unreadable', reason: describeError(error) } };
  }
}

async function readDefinition(path: string): Promise<ScannedFile['content']> {
  const status = await lstat(path);
  if (!status.isFile()) return { kind: 'unreadable', reason: 'it is not a regular file' };
  if (status.size > maxDocumentBytes)
    return { kind: 'unreadable', reason: `it is larger than ${maxDocumentBytes} bytes` };
  const handle = await open(path, 'r');
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile()) };
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'unreadable', reason: 'it is not UTF-8 text' };
    throw error;
  } finally {
    await handle.close();
  }
}
