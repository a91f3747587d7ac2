import { cleanPath, escapeOf, type Link, type Links, mostLinks } from './resolve-path.ts';

/** FNV-1a: its start and its factor for 32 bits. */
const [hashStart, hashFactor] = [0x811c9dc5, 0x01000193];
const slashCode = 0x2f;

/** The links of an archive as far as it has been read. To find the link that a path leads through takes time by the path's length alone:
 * of each directory in it only a hash is compared, which is carried on from the one before. */
export class LinkIndex {
  readonly #links = new Map<string, Link>();
  /** How many symbolic links have a path with that hash. */
  readonly #hashes = new Map<number, number>();

  get links(): Links {
    return this.#links;
  }

  set(path: string, link: Link): void {
    this.delete(path);
    this.#links.set(path, link);
    if (link.kind === 'symlink') this.#count(path, 1);
  }

  delete(path: string): void {
    if (this.#links.get(path)?.kind === 'symlink') this.#count(path, -1);
    this.#links.delete(path);
  }

  /** Where an entry is unpacked to, or how it leads out. Links that came before it and stay inside are followed. GNU tar makes every
   * other link, and each with `..` in it, only at the end; until then a file stands in its place, and what is to be unpacked through
   * it fails: "Cannot open: Not a directory". @param path @see cleanPath */
  placeOf(path: string): { path: string } | { escape: string } {
    const escape = escapeOf(path);
    if (escape !== undefined) return { escape };
    let current = path;
    for (let followed = 0; ; followed++) {
      const parent = this.#linkIn(current);
      if (parent === undefined) return { path: current };
      const target = this.#links.get(parent)?.target ?? '';
      if (target.startsWith('/') || target.split('/').includes('..') || followed >= mostLinks)
        return { escape: `lies behind the link "${parent}" to "${target}"` };
      current = cleanPath(`${parent.slice(0, parent.lastIndexOf('/') + 1)}${target}${current.slice(parent.length)}`);
    }
  }

  /** The first directory of a path that is a symbolic link. */
  #linkIn(path: string): string | undefined {
    if (this.#hashes.size === 0) return undefined;
    let hash = hashStart;
    for (let at = 0; at < path.length; at++) {
      const code = path.charCodeAt(at);
      if (code === slashCode && this.#hashes.has(hash)) {
        const parent = path.slice(0, at);
        if (this.#links.get(parent)?.kind === 'symlink') return parent;
      }
      hash = nextHash(hash, code);
    }
    return undefined;
  }

  #count(path: string, more: 1 | -1): void {
    let hash = hashStart;
    for (let at = 0; at < path.length; at++) hash = nextHash(hash, path.charCodeAt(at));
    const count = (this.#hashes.get(hash) ?? 0) + more;
    if (count === 0) this.#hashes.delete(hash);
    else this.#hashes.set(hash, count);
  }
}

function nextHash(hash: number, code: number): number {
  return Math.imul(hash ^ code, hashFactor);
}
