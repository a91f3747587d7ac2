import { elfMachine, programHeadBytes } from '../parse/elf-machine.ts';
import type { TarEntry, TarVisitor } from '../parse/tar-reader.ts';
import { LinkIndex } from './link-index.ts';
import type { Links } from './resolve-path.ts';
import { cleanPath, escapeOf } from './resolve-path.ts';

/** A file of the root file system that matters. */
export interface IndexedFile {
  bytes: number;
  executable: boolean;
  /** Of an ELF program. */
  machine?: string;
  /** Of a small file whose content matters. */
  text?: string;
}

/** What is remembered of a root file system: links, programs and the few files that say what it is. */
export interface RootIndex {
  /** By paths without a slash at their beginning. */
  files: ReadonlyMap<string, IndexedFile>;
  links: Links;
  /** By the directory of a kernel's modules, such as `usr/lib/modules/6.1.0`. */
  modules: ReadonlyMap<string, { modules: number; index: boolean }>;
  /** The first directories and files at the top. */
  top: ReadonlySet<string>;
  root?: { mode: number; uid: number; gid: number };
  entries: number;
  bytes: number;
  /** The first ten, each with how. */
  escapes: readonly string[];
  /** False when there was more than is remembered: what is missing here may still be there. */
  complete: boolean;
}

/** Keeps memory small whatever the archive: Ubuntu's cloud image has 30,000 links and programs. */
const mostRemembered = 150_000;
const [mostEscapes, mostTop, mostReleases, longestText] = [10, 100, 1000, 65_536];

const selinuxFiles = /^etc\/(?:selinux\/config|sysconfig\/selinux)$/;
const otherFiles = /^boot\/|\.efi(?:\.signed)?(?:\.latest)?$|\/grub2?\/[^/]+\/modinfo\.sh$|\/modules\/[^/]+\/vmlinuz$/i;
const moduleDirectory = /(?:^|\/)modules\/[^/]+(?=\/)/;

/** Collects what matters while an archive is read. */
export class RootIndexBuilder implements TarVisitor {
  readonly #limit: number;
  readonly #files = new Map<string, IndexedFile>();
  readonly #links = new LinkIndex();
  readonly #modules = new Map<string, { modules: number; index: boolean }>();
  readonly #top = new Set<string>();
  readonly #escapes: string[] = [];
  #root: RootIndex['root'];
  #entries = 0;
  #bytes = 0;
  #complete = true;
  /** Whose content comes next. */
  #wanted = '';

  constructor(limit = mostRemembered) {
    this.#limit = limit;
  }

  entry(entry: TarEntry): number {
    this.#entries += 1;
    if (entry.type !== 'directory') this.#bytes += entry.bytes;
    const place = this.#links.placeOf(cleanPath(entry.path));
    if ('escape' in place) {
      this.#noteEscape(entry.path, place.escape);
      return 0;
    }
    const { path } = place;
    if (path === '') {
      this.#root = { mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid };
      return 0;
    }
    if (this.#top.size < mostTop) this.#top.add(path.split('/', 1)[0] ?? path);
    this.#countModule(path, entry);
    if (!this.#makeRoom(path)) return 0;
    if (entry.type === 'file') return this.#rememberFile(path, entry);
    this.#rememberLink(path, entry);
    return 0;
  }

  content(_: TarEntry, head: Buffer): void {
    const file = this.#files.get(this.#wanted);
    if (file === undefined) return;
    if (isTextFile(this.#wanted)) file.text = head.toString('utf8');
    const machine = elfMachine(head);
    if (machine !== undefined) file.machine = machine;
  }

  /** Complete when all of the archive has been read. */
  index(): RootIndex {
    return {
      files: this.#files,
      links: this.#links.links,
      modules: this.#modules,
      top: this.#top,
      ...(this.#root === undefined ? {} : { root: this.#root }),
      entries: this.#entries,
      bytes: this.#bytes,
      escapes: this.#escapes,
      complete: this.#complete,
    };
  }

  #noteEscape(path: string, how: string): void {
    if (this.#escapes.length < mostEscapes) this.#escapes.push(`"${path}" ${how}`);
  }

  /** What is behind a link counts as something: only what is certain is told. */
  #countModule(path: string, { type, bytes }: TarEntry): void {
    if (type === 'directory' || type === 'other') return;
    const [directory, file] = inModules(path);
    if (directory === undefined || (!this.#modules.has(directory) && this.#modules.size >= mostReleases)) return;
    const isIndex = /^modules\.dep(?:\.bin)?$/.test(file);
    if (!isIndex && !/\.ko(?:\.gz|\.xz|\.zst)?$/.test(file)) return;
    const counted = this.#modules.get(directory) ?? { modules: 0, index: false };
    this.#modules.set(directory, counted);
    if (!isIndex) counted.modules += 1;
    else if (type !== 'file' || bytes > 0) counted.index = true;
  }

  /** What comes later takes the place of what was there. @returns false when there is no room */
  #makeRoom(path: string): boolean {
    this.#files.delete(path);
    this.#links.delete(path);
    if (this.#files.size + this.#links.links.size < this.#limit) return true;
    this.#complete = false;
    return false;
  }

  #rememberLink(path: string, { type, target }: TarEntry): void {
    if (type === 'symlink') this.#links.set(path, { kind: 'symlink', target });
    if (type !== 'hardlink') return;
    const clean = cleanPath(target);
    const escape = escapeOf(clean);
    if (escape !== undefined) this.#noteEscape(path, `is a hard link to "${target}", which ${escape}`);
    else if (clean !== path) this.#links.set(path, { kind: 'hardlink', target: clean });
  }

  /** @returns how many bytes of it are wanted */
  #rememberFile(path: string, { mode, bytes }: TarEntry): number {
    const executable = (mode & 0o111) !== 0;
    const isText = isTextFile(path);
    if (!executable && !isText && !otherFiles.test(path)) return 0;
    this.#files.set(path, { bytes, executable });
    this.#wanted = path;
    if (isText) return bytes <= longestText ? bytes : 0;
    return executable ? programHeadBytes : 0;
  }
}

/** What says which system it is, or how it is set up. */
function isTextFile(path: string): boolean {
  return path.includes('os-release', path.lastIndexOf('/') + 1) || selinuxFiles.test(path);
}

/** @returns the directory of a kernel's modules in a path, such as `lib/modules/6.1.0`, and the rest of the path */
function inModules(path: string): [directory: string | undefined, rest: string] {
  const match = moduleDirectory.exec(path);
  if (match === null) return [undefined, path];
  const end = match.index + match[0].length;
  return [path.slice(0, end), path.slice(end + 1)];
}
