import { InputError } from '@pxeboot/config/kit/errors';
import { contentName, isTarHeader, packingOf } from '@pxeboot/config/kit/packing';

const blockBytes = 512;
/** Names at the top of a root file system: Filesystem Hierarchy Standard 3.0, chapter 3, and what systems add. */
const rootNames = new Set(
  '.dockerenv bin boot dev etc home lib lib32 lib64 libx32 lost+found media mnt opt proc root run sbin selinux snap srv sys tmp usr var'.split(
    ' ',
  ),
);
/** Names at the top of archives that are something else, and what that is. */
const otherNames: Readonly<Record<string, string>> = {
  'oci-layout': 'an OCI image',
  'manifest.json': 'an image of a container engine ("docker save")',
  'disk.raw': 'the image of a disk',
};
/** How many of them below one directory show that it is the root file system's own. */
const enoughNames = 3;

/** As much of an archive as was unpacked to look at it. */
export interface ArchiveStart {
  bytes: Uint8Array;
  /** Nothing follows. */
  whole: boolean;
}

/** Judges whether an archive could be that of a root file system, by its first entries. What these do not show passes.
 * @param name of the file, for messages
 * @throws InputError it is no tar, or one of something else */
export function requireRootArchive(name: string, { bytes, whole }: ArchiveStart): void {
  const problem = problemOf(bytes, whole);
  if (problem === undefined) return;
  throw new InputError(`read ${name}: ${problem[0]}; ${problem[1]}`);
}

function problemOf(bytes: Uint8Array, whole: boolean): [problem: string, fix: string] | undefined {
  if (!isTarHeader(bytes)) return notTar(bytes);
  const paths = readPaths(bytes);
  const tops = new Set(paths.flatMap(([top]) => top ?? []));
  if ([...tops].some((top) => rootNames.has(top))) return undefined;
  for (const top of tops) {
    const what = otherNames[top];
    if (what !== undefined) return [`it holds "${top}": it is ${what}`, 'give a tar archive of the root file system'];
  }
  for (const top of tops) {
    const below = new Set(paths.flatMap(([first, second]) => (first === top && second !== undefined ? second : [])));
    if (!isRoot(below, tops.size === 1, whole)) continue;
    return [
      `the root file system in it is below the directory "${top}"`,
      'pack what is in that directory: tar -C DIRECTORY --numeric-owner --xattrs -c .',
    ];
  }
  const names = [...tops].slice(0, 5).map((top) => JSON.stringify(top));
  return whole
    ? [`it holds ${names.join(', ') || 'nothing'} and no root file system`, 'fetch the image again']
    : undefined;
}

/** Whether these names below a directory show that the root file system is in it. What is not seen yet may be the root file system next to
 * a directory of an application that has names like these. */
function isRoot(names: ReadonlySet<string>, isAlone: boolean, whole: boolean): boolean {
  if ([...names].filter((one) => rootNames.has(one)).length < enoughNames) return false;
  return whole || (isAlone && names.has('etc') && names.has('usr'));
}

function notTar(bytes: Uint8Array): [problem: string, fix: string] {
  const packing = packingOf(bytes);
  if (packing !== undefined) {
    return [
      `it is packed twice: what is in it is packed with ${packing} again`,
      'unpack it once, and give what comes out',
    ];
  }
  if (bytes.every((byte) => byte === 0)) return ['it unpacks to nothing, or to zeros', 'fetch the image again'];
  return [`what it unpacks to is no tar archive: it is ${contentName(bytes)}`, 'fetch the image again'];
}

/** The paths of its first entries, each in parts; those whose header is not among these bytes are left out.
 * @see POSIX pax(1), "ustar Interchange Format"; tar(5) of GNU for "L" and "K" */
function readPaths(bytes: Uint8Array): string[][] {
  const buffer = Buffer.from(bytes);
  const paths: string[][] = [];
  for (let at = 0; at + blockBytes <= buffer.length && isTarHeader(buffer.subarray(at, at + blockBytes));) {
    const header = buffer.subarray(at, at + blockBytes);
    const type = String.fromCharCode(header[156] ?? 0);
    // Long names and further attributes of the entry that follows: its own header has the name's beginning.
    if (!'LKxg'.includes(type) || type === '\0') paths.push(partsOf(header));
    at += blockBytes + Math.ceil(sizeOf(header) / blockBytes) * blockBytes;
  }
  return paths;
}

function partsOf(header: Buffer): string[] {
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textOf(header, 345, 500) : '';
  return `${prefix}/${textOf(header, 0, 100)}`.split('/').filter((part) => part !== '' && part !== '.');
}

function textOf(header: Buffer, from: number, to: number): string {
  return header.toString('utf8', from, to).replace(/\0.*$/s, '');
}

/** Octal digits, or for 8 GiB and more a binary number with the highest bit set. */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(128));
  return Number.parseInt(textOf(header, 124, 136).trim(), 8) || 0;
}
