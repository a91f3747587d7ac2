import { elfMachine, programHeadBytes } from '../parse/elf-machine.ts';
import type { TarEntry, TarVisitor } from '../parse/tar-reader.ts';
import type { Links } from './resolve-path.ts';
import { cleanPath, escapeOf, mostLinks } from './resolve-path.ts';

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

const textFiles = /^(?:(?:.*\/)?[^/]*os-release[^/]*|etc\/(?:selinux\/config|sysconfig\/selinux))$/;
const otherFiles = /^boot\/|\.efi(?:\.signed)?(?:\.latest)?$|\/grub2?\/[^/]+\/modinfo\.sh$|\/modules\/[^/]+\/vmlinuz$/i;
const moduleFile = /^(.*(?:^|\/)modules\/[^/]+)\/(?:modules\.dep(?:\.bin)?|.*\.ko(?:\.gz|\.xz|\.zst)?)$/;

/** Collects what matters while an archive is read. */
export class RootIndexBuilder implements TarVisitor {
  readonly #limit: number;
  readonly #files = new Map<string, IndexedFile>();
  readonly #links = new Map<string, { kind: 'symlink' | 'hardlink'; target: string }>();
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
    const place = placeOf(this.#links, cleanPath(entry.path));
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
    if (entry.type === 'file') this.#countModule(path, entry.bytes);
    if (!this.#makeRoom(path)) return 0;
    if (entry.type === 'file') return this.#rememberFile(path, entry);
    this.#rememberLink(path, entry);
    return 0;
  }

  content(_: TarEntry, head: Buffer): void {
    const file = this.#files.get(this.#wanted);
    if (file === undefined) return;
    if (textFiles.test(this.#wanted)) file.text = head.toString('utf8');
    const machine = elfMachine(head);
    if (machine !== undefined) file.machine = machine;
  }

  /** Complete when all of the archive has been read. */
  index(): RootIndex {
    return {
      files: this.#files,
      links: this.#links,
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

  #countModule(path: string, size: number): void {
    const directory = moduleFile.exec(path)?.[1];
    if (directory === undefined || (!this.#modules.has(directory) && this.#modules.size >= mostReleases)) return;
    const counted = this.#modules.get(directory) ?? { modules: 0, index: false };
    this.#modules.set(directory, counted);
    if (!/\/modules\.dep(?:\.bin)?$/.test(path)) counted.modules += 1;
    else if (size > 0) counted.index = true;
  }

  /** What comes later takes the place of what was there. @returns false when there is no room */
  #makeRoom(path: string): boolean {
    this.#files.delete(path);
    this.#links.delete(path);
    if (this.#files.size + this.#links.size < this.#limit) return true;
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
    const isText = textFiles.test(path);
    if (!executable && !isText && !otherFiles.test(path)) return 0;
    this.#files.set(path, { bytes, executable });
    this.#wanted = path;
    if (isText) return bytes <= longestText ? bytes : 0;
    return executable ? programHeadBytes : 0;
  }
}

/** Where an entry is unpacked to, or how it leads out. Links that came before it and stay inside are followed. GNU tar makes every
 * other link, and each with `..` in it, only at the end; until then a file stands in its place, and what is to be unpacked through
 * it fails: "Cannot open: Not a directory". */
function placeOf(links: Links, path: string): { path: string } | { escape: string } {
  const escape = escapeOf(path);
  if (escape !== undefined) return { escape };
  let current = path;
  let followed = 0;
  for (let slash = current.indexOf('/'); slash !== -1; slash = current.indexOf('/', slash + 1)) {
    const parent = current.slice(0, slash);
    const link = links.get(parent);
    if (link?.kind !== 'symlink') continue;
    if (link.target.startsWith('/') || link.target.split('/').includes('..') || (followed += 1) > mostLinks)
      return { escape: `lies behind the link "${parent}" to "${link.target}"` };
    current = cleanPath(`${parent.slice(0, parent.lastIndexOf('/') + 1)}${link.target}${current.slice(slash)}`);
    slash = -1;
  }
  return { path: current };
}
