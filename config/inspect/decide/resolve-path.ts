/** Where a link leads. A hard link's target is a path of the root file system. */
export interface Link {
  kind: 'symlink' | 'hardlink';
  target: string;
}

/** Links by their paths, which have no slash at their beginning. */
export type Links = ReadonlyMap<string, Link>;

/** As Linux: MAXSYMLINKS of include/linux/namei.h. */
export const mostLinks = 40;

/** The path inside the root file system that is meant, every link in it followed; `..` at the root stays there, as in a chroot.
 * @param path with or without a slash at its beginning
 * @returns without one; undefined when its links go round in circles */
export function resolvePath(links: Links, path: string): string | undefined {
  let left = mostLinks;
  const done: string[] = [];
  const todo = path.split('/').toReversed();
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const link = links.get([...done, part].join('/'));
    if (link === undefined) {
      done.push(part);
      continue;
    }
    if ((left -= 1) < 0) return undefined;
    if (link.kind === 'hardlink' || link.target.startsWith('/')) done.length = 0;
    todo.push(...link.target.split('/').toReversed());
  }
  return done.join('/');
}

/** A path of an archive without slashes at its beginning and end, `./` and doubled slashes; the root itself is empty. GNU tar
 * unpacks absolute names below the directory it is told too ("Removing leading `/' from member names"). Each `..` is left. */
export function cleanPath(path: string): string {
  if (!/^[/.]|\/$|\/[/.]/.test(path)) return path;
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** How an entry of an archive leads out of the root; undefined when it does not. GNU tar passes it over and fails in the end.
 * @param path @see cleanPath */
export function escapeOf(path: string): string | undefined {
  return path.split('/').includes('..') ? 'leads out of it' : undefined;
}
