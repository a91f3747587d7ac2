import { relative } from 'node:path';

import type { Fault, Result } from '@pxeboot/config/kit/fault';

/** Where a file's content comes from: an unpacked package, the folder of the manifest, what the image build has made for this
 * architecture, or the compiled installer. */
export type Source = { from: 'packages' | 'initrd' | 'built'; path: string } | { from: 'installer' };

export type ManifestEntry =
  | { kind: 'dir'; path: string; mode: number }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'file'; path: string; mode: number; source: Source }
  | { kind: 'chardev'; path: string; mode: number; major: number; minor: number };

export interface Manifest {
  entries: ManifestEntry[];
  /** Sonames of `.note.dlopen` entries that the installer can do without. */
  leftOut: string[];
}

/** What the links of applets lead to. */
const busybox = 'usr/bin/busybox';

type LineParser = (words: string[]) => Manifest;

/** Thrown by a line's parser, turned into a fault with the line's number. */
class LineError extends Error {
  readonly fix: string;

  constructor(problem: string, fix: string) {
    super(problem);
    this.fix = fix;
  }
}

const parsers: Record<string, LineParser> = {
  dir: ([path, mode]) => one({ kind: 'dir', path: parsePath(path), mode: parseMode(mode) }),
  link: ([path, target]) => one({ kind: 'link', path: parsePath(path), target: parseWord(target, 'a link target') }),
  file: ([path, mode, source]) =>
    one({ kind: 'file', path: parsePath(path), mode: parseMode(mode), source: parseSource(source) }),
  chardev: ([path, mode, numbers]) =>
    one({ kind: 'chardev', path: parsePath(path), mode: parseMode(mode), ...parseDeviceNumbers(numbers) }),
  applets: ([directory, ...names]) => ({
    entries: names.map((name) => ({
      kind: 'link',
      path: `${parsePath(directory)}/${name}`,
      target: relative(parsePath(directory), busybox),
    })),
    leftOut: [],
  }),
  'leave-out': ([soname]) => ({ entries: [], leftOut: [parseWord(soname, 'a soname such as libbpf.so.1')] }),
};

/** Reads manifest.txt; its own opening comment describes the lines. Every faulty line is reported. */
export function parseManifest(file: string, text: string): Result<Manifest> {
  const manifest: Manifest = { entries: [], leftOut: [] };
  const faults: Fault[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line
      .replace(/#.*/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) continue;
    try {
      const parsed = parseLine(words);
      manifest.entries.push(...parsed.entries);
      manifest.leftOut.push(...parsed.leftOut);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      const value = JSON.stringify(line.trim());
      faults.push({ file: `${file}:${index + 1}`, path: '', value, problem: error.message, fix: error.fix });
    }
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: manifest };
}

function parseLine([kind = '', ...words]: string[]): Manifest {
  const parser = parsers[kind];
  if (parser === undefined) throw new LineError(`unknown kind "${kind}"`, `use ${Object.keys(parsers).join(', ')}`);
  const wordCount: Record<string, number> = { dir: 2, link: 2, file: 3, chardev: 3, 'leave-out': 1 };
  const wanted = wordCount[kind];
  if (wanted !== undefined && words.length !== wanted) {
    throw new LineError(`${words.length} words after "${kind}"`, `expected ${wanted}`);
  }
  return parser(words);
}

function one(entry: ManifestEntry): Manifest {
  return { entries: [entry], leftOut: [] };
}

function parseWord(word: string | undefined, expected: string): string {
  if (word === undefined) throw new LineError('a word is missing', `expected ${expected}`);
  return word;
}

function parsePath(word: string | undefined): string {
  const path = parseWord(word, 'a path');
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new LineError(`path "${path}" is not plain`, 'write it without leading or trailing slash, "." and ".."');
  }
  return path;
}

function parseMode(word: string | undefined): number {
  const mode = parseWord(word, 'a mode');
  if (!/^[0-7]{4}$/.test(mode)) throw new LineError(`mode "${mode}" is not octal`, 'write four digits such as 0755');
  return Number.parseInt(mode, 8);
}

function parseSource(word: string | undefined): Source {
  const [from, path] = parseWord(word, 'a source').split(':', 2);
  if (from === 'installer' && path === undefined) return { from };
  if ((from === 'packages' || from === 'initrd' || from === 'built') && path !== undefined) {
    return { from, path: parsePath(path) };
  }
  throw new LineError(`source "${word}" is unknown`, 'use packages:PATH, initrd:PATH, built:PATH or installer');
}

function parseDeviceNumbers(word: string | undefined): { major: number; minor: number } {
  const match = /^(\d+):(\d+)$/.exec(parseWord(word, 'device numbers'));
  if (match === null) throw new LineError(`device numbers "${word}" are malformed`, 'write MAJOR:MINOR such as 5:1');
  return { major: Number(match[1]), minor: Number(match[2]) };
}
