import { InputError } from '@pxeboot/config/kit/errors';

/** SHA-256 in lower-case hex, by file name. */
export type Checksums = ReadonlyMap<string, string>;

/** Room for ten thousand files; more is not a list of sums, and would fill the memory of who reads it. */
const maxChecksumsBytes = 2 ** 20;

const adviceOnChecksums = 'write it with "sha256sum *", or remove it to install unchecked';

/** @throws InputError a SHA256SUMS file has more bytes than are read
 * @param source where it comes from, for the message */
export function requireChecksumsSize(source: string, bytes: number): void {
  if (bytes <= maxChecksumsBytes) return;
  throw new InputError(`read ${source}: it is larger than ${maxChecksumsBytes} bytes; ${adviceOnChecksums}`);
}

/** Reads a SHA256SUMS file as sha256sum(1) writes it: 64 hex digits, a space, a space or "*", the file's name.
 * Empty lines and lines that begin with "#" are passed over.
 * @param source where it came from, for the message
 * @throws InputError lines are malformed, or a name has two different sums; all of them are named */
export function parseChecksums(source: string, text: string): Checksums {
  const sums = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, sum, name] = /^([\da-fA-F]{64}) [ *](?:\.\/)?([^/\\]+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined) {
      problems.push(`line ${index + 1} ${JSON.stringify(line.slice(0, 100))} is none of sha256sum's`);
    } else if (sums.has(name) && sums.get(name) !== sum.toLowerCase()) {
      problems.push(`line ${index + 1} gives "${name}" a second, different sum`);
    } else {
      sums.set(name, sum.toLowerCase());
    }
  }
  if (problems.length === 0) return sums;
  throw new InputError(`read ${source}: ${problems.slice(0, 5).join('; ')}; ${adviceOnChecksums}`);
}

/** The sum of the file that a URL names, if it lies beside the list. */
export function checksumOf(url: string, sums: Checksums | undefined, directoryUrl: string): string | undefined {
  return directoryOf(url) === directoryUrl ? sums?.get(fileNameOf(url)) : undefined;
}

/** `http://h/images/a/rootfs.tar.gz` -> `http://h/images/a`. */
export function directoryOf(url: string): string {
  return new URL('.', url).href.replace(/\/$/, '');
}

/** `http://h/images/a/rootfs.tar.gz` -> `rootfs.tar.gz`. */
export function fileNameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
}

/** @throws InputError the sums differ */
export function requireChecksum(url: string, expected: string | undefined, found: string): void {
  if (expected === undefined || expected === found) return;
  throw new InputError(
    `check ${url}: its SHA-256 is "${found}" and SHA256SUMS beside it says "${expected}"; ` +
      'fetch the image again, or write SHA256SUMS anew',
  );
}
