import type { ArchiveEntry } from './archive-entry.ts';

const fileType = { dir: 0o040000, link: 0o120000, file: 0o100000, chardev: 0o020000 };

/** A `newc` archive (Linux, Documentation/driver-api/early-userspace/buffer-format.rst) with the entries in the order
 * given. Owner, group and times are zero and inodes are counted, so equal entries give equal bytes.
 * @returns pieces to be written one after the other */
export function writeCpio(entries: readonly ArchiveEntry[]): Uint8Array[] {
  const members = entries.flatMap((entry, index) => writeMember(entry, index + 1));
  return [...members, header('TRAILER!!!', { inode: 0, mode: 0, links: 1, size: 0, major: 0, minor: 0 })];
}

function writeMember(entry: ArchiveEntry, inode: number): Uint8Array[] {
  const content = contentOf(entry);
  const head = header(entry.path, {
    inode,
    mode: fileType[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode),
    links: entry.kind === 'dir' ? 2 : 1,
    size: content.length,
    major: entry.kind === 'chardev' ? entry.major : 0,
    minor: entry.kind === 'chardev' ? entry.minor : 0,
  });
  return content.length === 0 ? [head] : [head, content, Buffer.alloc(-content.length & 3)];
}

function contentOf(entry: ArchiveEntry): Uint8Array {
  if (entry.kind === 'file') return entry.content;
  return Buffer.from(entry.kind === 'link' ? entry.target : '');
}

interface HeaderFields {
  inode: number;
  mode: number;
  links: number;
  size: number;
  major: number;
  minor: number;
}

function header(path: string, { inode, mode, links, size, major, minor }: HeaderFields): Buffer {
  const name = Buffer.from(`${path}\0`);
  // magic, inode, mode, uid, gid, links, mtime, size, device major and minor, rdev major and minor, name size, checksum
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, major, minor, name.length, 0];
  const hex = fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('');
  const head = Buffer.concat([Buffer.from(`070701${hex}`), name]);
  return Buffer.concat([head, Buffer.alloc(-head.length & 3)]);
}
