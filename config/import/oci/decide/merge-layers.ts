import { InputError } from '../../../kit/errors.ts';
import { showValue } from '../../../kit/text.ts';
import type { MemoryBudget } from './kept-entries.ts';

/** An entry of a layer, as far as merging looks at it. Names are byte strings (latin1). */
export interface MergedEntry {
  path: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'node';
  target: string;
  /** Its number in the layer. */
  ordinal: number;
}

/** What is left of all layers. */
export interface MergedFiles<D> {
  /** In the order of the tree, with what was given for each; the root has the empty path. */
  directories: { path: string; header: D }[];
  /** By layer and by ordinal: the names of what is not a directory. */
  places: ReadonlyMap<number, readonly string[]>[];
}

/** What one or several names lead to. */
interface Inode {
  type: 'file' | 'symlink' | 'node';
  target: string;
  layer: number;
  ordinal: number;
}

/** A directory without header is only implied by the names of others. */
interface Directory<D> {
  header?: D;
  children: Map<string, Inode | Directory<D>>;
}

/** A container image's layers as one tree, which is in memory alone: nothing is written to a file system by a name that a layer says.
 * @see OCI Image Format Specification, "Image Layer Filesystem Changeset" */
export interface LayerMerger<D> {
  /** Puts a layer on top. @param header of a directory
   * @throws InputError an entry leads out of the root, is a hard link to nothing or to a directory, or implies too many directories */
  add(entries: readonly (MergedEntry & { header?: D })[]): void;
  files(): MergedFiles<D>;
}

const [whiteout, opaque, ofAufs] = ['.wh.', '.wh..wh..opq', '.wh..wh.'];
/** As Linux: MAXSYMLINKS of include/linux/namei.h. */
const mostLinks = 40;
/** Linux: PATH_MAX of include/uapi/linux/limits.h, which counts the zero at the end. */
const longestPath = 4095;

/** @param budget for directories that are only implied: a single name can imply thousands */
export function createLayerMerger<D>(budget: MemoryBudget): LayerMerger<D> {
  const root: Directory<D> = { children: new Map() };
  const make = (): Directory<D> => {
    budget.take(0);
    return { children: new Map() };
  };
  let layer = -1;

  /** Whiteouts are about the layers below, wherever they are in this one. Links of those are followed, if this one has nothing in their
   * place: `lib/.wh.x` hides usr/lib/x. An opaque directory is that of this very path.
   * @param isReplaced says of a path whether this layer has it */
  function hide(parts: readonly string[], isReplaced: (path: string) => boolean): void {
    const at = parts.findIndex(isMark);
    const mark = parts[at] ?? '';
    const name = mark.slice(whiteout.length);
    if (['', '.', '..'].includes(name)) throw new InputError(`has ${show(parts)}, which hides no file`);
    const parent = parts.slice(0, at);
    if (mark === opaque) literal(root, parent)?.children.clear();
    else if (!mark.startsWith(ofAufs)) reach(root, parent, { isReplaced })?.children.delete(name);
  }

  function put(parts: readonly string[], entry: MergedEntry & { header?: D }, before: Inode | undefined): void {
    const { type, target, ordinal, header } = entry;
    const name = parts.at(-1);
    if (name === undefined) {
      if (type !== 'directory') throw new InputError('has a root that is no directory');
      if (header !== undefined) root.header = header;
      return;
    }
    const linked = type === 'hardlink' ? linkedTo(root, target, parts, before) : undefined;
    const parent = reach(root, parts.slice(0, -1), { make });
    if (parent === undefined) throw new InputError(`has ${show(parts)}, whose directory is a link that leads nowhere`);
    const old = parent.children.get(name);
    if (type !== 'directory')
      parent.children.set(name, linked ?? { type: type as Inode['type'], target, layer, ordinal });
    else if (old !== undefined && 'children' in old) Object.assign(old, { header });
    else parent.children.set(name, { children: new Map(), ...(header === undefined ? {} : { header }) });
  }

  return {
    add(entries) {
      layer += 1;
      // A hard link may lead to what this very layer hides.
      const before = entries.map(({ type, target }) => (type === 'hardlink' ? find(root, target) : undefined));
      let own: Set<string> | undefined;
      const isReplaced = (path: string): boolean => (own ??= placesOf(entries)).has(path);
      for (const entry of entries) {
        const parts = cleanParts(entry.path);
        requireShortTarget(entry);
        if (parts.some(isMark)) hide(parts, isReplaced);
      }
      entries.forEach((entry, index) => {
        const parts = cleanParts(entry.path);
        if (!parts.some(isMark)) put(parts, entry, before[index]);
      });
    },
    files: () => filesOf(root, layer + 1),
  };
}

function isMark(name: string): boolean {
  return name.startsWith(whiteout);
}

/** Where a layer puts a directory or a link. */
function placesOf(entries: readonly MergedEntry[]): Set<string> {
  const places = entries.filter(({ type }) => type === 'directory' || type === 'symlink');
  return new Set(places.map(({ path }) => cleanParts(path).join('/')));
}

/** The names of a path below the root, as it is written: without links, `..` takes the name before it away.
 * @throws InputError it leads out of the root, or is too long */
function cleanParts(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw new InputError(`has ${show([path])}, which leads out of the root`);
  }
  requireShort(parts);
  return parts;
}

function requireShort(parts: readonly string[]): void {
  if (parts.join('/').length > longestPath)
    throw new InputError(`has a name of more than ${longestPath} bytes, which begins with ${show(parts).slice(0, 60)}`);
}

/** Linux has no links that say more. */
function requireShortTarget({ path, type, target }: MergedEntry): void {
  if ((type === 'symlink' || type === 'hardlink') && target.length > longestPath)
    throw new InputError(`has ${show([path])}, a link to a name of more than ${longestPath} bytes`);
}

/** The directory at a path, links not followed; undefined when there is none. */
function literal<D>(root: Directory<D>, parts: readonly string[]): Directory<D> | undefined {
  let here = root;
  for (const part of parts) {
    const next = here.children.get(part);
    if (next === undefined || !('children' in next)) return undefined;
    here = next;
  }
  return here;
}

interface Manner<D> {
  /** Makes a directory where one is missing, also in the place of what is none. */
  make?: () => Directory<D>;
  /** Whether a link is not to be followed. */
  isReplaced?: (path: string) => boolean;
}

/** A way down from the root, and what is left to go. */
interface Walk<D> extends Manner<D> {
  way: Directory<D>[];
  names: string[];
  /** The next one is the last. */
  todo: string[];
  links: number;
}

/** The directory at a path, every link followed as in a chroot: `..` at the root stays there.
 * @returns undefined when it is missing, or its links go round in circles */
function reach<D>(root: Directory<D>, parts: readonly string[], manner: Manner<D> = {}): Directory<D> | undefined {
  const walk: Walk<D> = { way: [root], names: [], todo: parts.toReversed(), links: 0, ...manner };
  for (let part = walk.todo.pop(); part !== undefined; part = walk.todo.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (walk.names.pop() !== undefined) walk.way.pop();
    } else if (!step(walk, part)) return undefined;
  }
  return walk.way.at(-1);
}

/** @returns false when it does not lead on */
function step<D>(walk: Walk<D>, part: string): boolean {
  const here = walk.way.at(-1);
  const next = here?.children.get(part);
  if (next !== undefined && !('children' in next) && next.type === 'symlink') return follow(walk, part, next.target);
  walk.names.push(part);
  requireShort(walk.names);
  const isDirectory = next !== undefined && 'children' in next;
  const reached = isDirectory ? next : walk.make?.();
  if (reached === undefined) return false;
  if (!isDirectory) here?.children.set(part, reached);
  walk.way.push(reached);
  return true;
}

function follow<D>(walk: Walk<D>, part: string, target: string): boolean {
  if (walk.isReplaced?.([...walk.names, part].join('/')) === true) return false;
  if (target.startsWith('/')) {
    walk.way.length = 1;
    walk.names.length = 0;
  }
  walk.todo.push(...target.split('/').toReversed());
  return (walk.links += 1) <= mostLinks;
}

/** What a hard link's target is; a link at its end is not followed. */
function find<D>(root: Directory<D>, target: string): Inode | undefined {
  const parts = cleanParts(target);
  const found = reach(root, parts.slice(0, -1))?.children.get(parts.at(-1) ?? '');
  return found === undefined || 'children' in found ? undefined : found;
}

function linkedTo<D>(root: Directory<D>, target: string, parts: readonly string[], before: Inode | undefined): Inode {
  const found = find(root, target) ?? before;
  if (found !== undefined) return found;
  throw new InputError(
    `has ${show(parts)}, a hard link to ${show([target])}, which is no file of it or of the layers below`,
  );
}

function filesOf<D>(root: Directory<D>, layers: number): MergedFiles<D> {
  const directories: { path: string; header: D }[] = [];
  const places = Array.from({ length: layers }, () => new Map<number, string[]>());
  const visit = (directory: Directory<D>, path: string): void => {
    if (directory.header !== undefined) directories.push({ path, header: directory.header });
    for (const [name, child] of directory.children) {
      const below = path === '' ? name : `${path}/${name}`;
      if ('children' in child) visit(child, below);
      else {
        const names = places[child.layer]?.get(child.ordinal);
        if (names === undefined) places[child.layer]?.set(child.ordinal, [below]);
        else names.push(below);
      }
    }
  };
  visit(root, '');
  return { directories, places };
}

/** For people, who read UTF-8. */
function show(parts: readonly string[]): string {
  return showValue(Buffer.from(parts.join('/'), 'latin1').toString('utf8'));
}
