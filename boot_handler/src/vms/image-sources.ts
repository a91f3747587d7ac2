import { join } from 'node:path';

import { openRegular } from '@pxeboot/config/host/files';
import { HostError, InputError, isErrno } from '@pxeboot/config/kit/errors';
import { parseChecksums, requireChecksumsSize } from '@pxeboot/os-installer/plan/checksums';
import { decompressorFor } from '@pxeboot/os-installer/plan/decompressor';
import type { SourceFacts } from '@pxeboot/os-installer/plan/facts';
import { gzipUnpackedBytes, zstdUnpackedBytes } from '@pxeboot/os-installer/plan/unpacked-size';

/** What the installer will find out over HTTP, read from the files themselves.
 * @param directory of one distribution and architecture
 * @throws InputError SHA256SUMS is malformed or too large; HostError a file cannot be read */
export async function readImageSources(directory: string, rootfsUrl: string): Promise<Omit<SourceFacts, 'seed'>> {
  const rootfs = join(directory, new URL(rootfsUrl).pathname.split('/').at(-1) ?? '');
  const sums = join(directory, 'SHA256SUMS');
  const [size, text] = await Promise.all([readSizes(rootfs, decompressorFor(rootfsUrl)), readChecksums(sums)]);
  return { ...size, ...(text === undefined ? {} : { checksums: parseChecksums(sums, text) }) };
}

async function readSizes(
  path: string,
  decompressor: 'gzip' | 'zstd',
): Promise<Pick<SourceFacts, 'rootfsBytes' | 'unpackedBytes'>> {
  try {
    await using file = await openRegular(path);
    const rootfsBytes = (await file.stat()).size;
    const part = Buffer.alloc(Math.min(rootfsBytes, decompressor === 'gzip' ? 4 : 18));
    await file.read(part, 0, part.length, decompressor === 'gzip' ? rootfsBytes - part.length : 0);
    const unpackedBytesOf = decompressor === 'gzip' ? gzipUnpackedBytes : zstdUnpackedBytes;
    const unpackedBytes = unpackedBytesOf(part, rootfsBytes);
    return { rootfsBytes, ...(unpackedBytes === undefined ? {} : { unpackedBytes }) };
  } catch (cause) {
    throw new HostError(`read "${path}"`, { cause });
  }
}

async function readChecksums(path: string): Promise<string | undefined> {
  try {
    await using file = await openRegular(path);
    requireChecksumsSize(path, (await file.stat()).size);
    return await file.readFile('utf8');
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined;
    if (cause instanceof InputError) throw cause;
    throw new HostError(`read "${path}"`, { cause });
  }
}
