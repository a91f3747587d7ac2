import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { architectureNames } from '../contract/architecture.ts';
import { readIfThere } from '../host/files.ts';
import { HostError, isErrno } from '../kit/errors.ts';
import { compareText, escapeOdd, quoteIfOdd } from '../kit/text.ts';
import { megabytes } from './decide/progress-line.ts';
import type { ImageRecord } from './image-record.ts';
import { recordFile } from './image-record.ts';
import type { InstallVerdict, JudgeOptions } from './judge-image.ts';
import { judgeImageDirectory } from './judge-image.ts';

/** An image directory in a list. */
export interface ListedImage extends InstallVerdict {
  name: string;
  arch: string;
  /** Of all its files together. */
  bytes: number;
  /** The newest kernel's release, by its file's name. */
  kernel: string | undefined;
  /** What the imported system calls itself; undefined for a directory without image.json. */
  os: string | undefined;
}

const byVersion = new Intl.Collator('en', { numeric: true });

/** Every `images/<name>/<arch>`, sorted; none where there is no such directory.
 * @throws HostError it cannot be read */
export async function listImages(images: string, options: JudgeOptions): Promise<ListedImage[]> {
  const listed: ListedImage[] = [];
  for (const name of await directoriesIn(images)) {
    for (const arch of await directoriesIn(join(images, name))) listed.push(await look(images, name, arch, options));
  }
  return listed;
}

/** For people: one line each, in columns. */
export function describeImages(images: readonly ListedImage[]): string[] {
  const rows = images.map((image) => [
    quoteIfOdd(image.name),
    quoteIfOdd(image.arch),
    `${megabytes(image.bytes)} MB`,
    quoteIfOdd(image.kernel ?? 'no kernel'),
    quoteIfOdd(image.os ?? '-'),
    describeVerdict(image),
  ]);
  const all = [['NAME', 'ARCH', 'SIZE', 'KERNEL', 'SYSTEM', 'INSTALLS'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The first reason; how many more there are. A note is no warning: nothing needs to be done. */
function describeVerdict({ name, arch, verdict, reasons, warnings }: ListedImage): string {
  const directory = `images/${name}/${arch}`;
  const [reason, ...more] = reasons.map(({ problem }) =>
    problem
      .replace(`the directory ${directory}`, 'it')
      .replace(directory, '')
      .replace(/^[/ :]+/, ''),
  );
  if (reason !== undefined) {
    return `${verdict}: ${escapeOdd(reason)}${more.length === 0 ? '' : ` (${more.length} more: --json)`}`;
  }
  const count = warnings.filter(({ level }) => level === 'warning').length;
  return count === 0 ? verdict : `${verdict}, with ${count} ${count === 1 ? 'warning' : 'warnings'}`;
}

async function directoriesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.flatMap((entry) => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : []));
    return names.sort(compareText);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return [];
    throw new HostError(`list "${directory}"`, { cause });
  }
}

async function look(images: string, name: string, arch: string, options: JudgeOptions): Promise<ListedImage> {
  const directory = join(images, name, arch);
  const names = await readdir(directory);
  let bytes = 0;
  for (const file of names) bytes += (await stat(join(directory, file)).catch(() => undefined))?.size ?? 0;
  const kernels = names.filter((file) => file.startsWith('vmlinuz-')).sort(byVersion.compare);
  const record = await readRecord(directory);
  return {
    name,
    arch,
    bytes,
    kernel: record?.kernel ?? kernels.at(-1)?.slice('vmlinuz-'.length),
    os: record?.os?.name,
    ...(await judge(images, name, arch, options)),
  };
}

async function judge(images: string, name: string, arch: string, options: JudgeOptions): Promise<InstallVerdict> {
  const known = architectureNames.find((each) => each === arch);
  if (known !== undefined) return judgeImageDirectory(images, name, known, options);
  const problem = `${quoteIfOdd(arch)} is no architecture that can be installed`;
  const reason = { problem, fix: `call the directory ${architectureNames.join(' or ')}` };
  return { verdict: 'cannot be installed', reasons: [reason], warnings: [] };
}

/** What is no record says nothing. */
async function readRecord(directory: string): Promise<DeepPartial<ImageRecord> | undefined> {
  const text = await readIfThere(join(directory, recordFile));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

type DeepPartial<T> = { [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] };
