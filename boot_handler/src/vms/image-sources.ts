import { join } from 'node:path';

import { openRegular } from '@pxeboot/config/host/files';
import { HostError, InputError, isErrno } from '@pxeboot/config/kit/errors';
import { packingBytes } from '@pxeboot/config/kit/packing';
import { parseChecksums, requireChecksumsSize } from '@pxeboot/os-installer/plan/checksums';
import type { SourceFacts } from '@pxeboot/os-installer/plan/facts';
import {
  requireEnd,
  requirePacking,
  tailBytesFor,
  unpackedBytesOf,
  windowBytesOf,
} from '@pxeboot/os-installer/plan/packed-archive';

/** What the installer will find out over HTTP, read from the files themselves.
 * @param directory of one distribution and architecture
 * @throws InputError the archive is none that can be unpacked, SHA256SUMS is malformed or too large; HostError a file cannot be read */
export async function readImageSources(directory: string, rootfsUrl: string): Promise<Omit<SourceFacts, 'seed'>> {
  const rootfs = join(directory, new URL(rootfsUrl).pathname.split('/').at(-1) ?? '');
  const sums = join(directory, 'SHA256SUMS');
  const [size, text] = await Promise.all([readArchive(rootfs), readChecksums(sums)]);
  return { ...size, ...(text === undefined ? {} : { checksums: parseChecksums(sums, text) }) };
}

async function readArchive(path: string): Promise<Omit<SourceFacts, 'checksums' | 'seed'>> {
  try {
    await using file = await openRegular(path);
    const bytes = (await file.stat()).size;
    const head = Buffer.alloc(Math.min(bytes, packingBytes));
    await file.read(head, 0, head.length, 0);
    const packing = requirePacking(path, head);
    const tail = Buffer.alloc(Math.min(bytes, tailBytesFor(packing)));
    await file.read(tail, 0, tail.length, bytes - tail.length);
    requireEnd(path, packing, { head, tail, bytes });
    const unpackedBytes = unpackedBytesOf(packing, { head, tail, bytes });
    const windowBytes = windowBytesOf(packing, head);
    return {
      rootfsBytes: bytes,
      packing,
      ...(unpackedBytes === undefined ? {} : { unpackedBytes }),
      ...(windowBytes === undefined ? {} : { windowBytes }),
    };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
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
