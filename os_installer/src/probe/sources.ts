import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';
import { seedNames } from '@pxeboot/config/contract/seed';
import { describeError, HostError, InputError } from '@pxeboot/config/kit/errors';

import { fetchLength, fetchOptionalText, fetchPart, fetchStart, fetchText } from '../fetch/document.ts';
import type { Checksums } from '../plan/checksums.ts';
import { directoryOf, parseChecksums, requireChecksumsSize } from '../plan/checksums.ts';
import type { SeedFile, SourceFacts } from '../plan/facts.ts';
import { requireEnd, requirePacking, tailBytesFor, unpackedBytesOf, windowBytesOf } from '../plan/packed-archive.ts';
import { requireRootArchive } from '../plan/tar-start.ts';
import { unpackStart } from './archive-start.ts';

/** As much of the root file system's archive as is looked at before anything is erased. */
const startBytes = 2 ** 20;

/** Fetches the seed and asks for the images, so that what the server lacks is known before a disk is touched.
 * @throws InputError files are not there or not readable, all of them named; HostError the server does not answer */
export async function probeSources(config: InstallerConfig): Promise<SourceFacts> {
  const [rootfs, kernel, checksums, ...seed] = await Promise.allSettled([
    probeRootfs(config.rootfs_url),
    fetchLength(config.kernel_url),
    fetchChecksums(config.rootfs_url),
    ...seedNames.map((name) => fetchSeedFile(config.cloud_init_url, name)),
  ]);
  const problems = [rootfs, kernel, checksums, ...seed].flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  if (rootfs.status === 'rejected' || problems.length > 0) throw combine(problems);
  return {
    ...rootfs.value,
    ...fulfilled(checksums),
    seed: seed.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
  };
}

function fulfilled<T>(result: PromiseSettledResult<T>): T | undefined {
  return result.status === 'fulfilled' ? result.value : undefined;
}

/** @throws InputError the archive cannot be that of a root file system, as far as its first bytes tell */
async function probeRootfs(url: string): Promise<Omit<SourceFacts, 'checksums' | 'seed'>> {
  const rootfsBytes = await fetchLength(url);
  const head = await fetchStart(url, startBytes);
  const packing = requirePacking(url, head);
  const whole = head.length === rootfsBytes;
  const tailBytes = Math.min(tailBytesFor(packing), rootfsBytes);
  const tail = whole ? head.subarray(head.length - tailBytes) : await fetchTail(url, tailBytes);
  const parts = { head, tail, bytes: rootfsBytes };
  requireEnd(url, packing, parts);
  requireRootArchive(url, await unpackStart(url, packing, { head, whole }));
  const unpackedBytes = unpackedBytesOf(packing, parts);
  const windowBytes = windowBytesOf(packing, head);
  return {
    rootfsBytes,
    packing,
    ...(unpackedBytes === undefined ? {} : { unpackedBytes }),
    ...(windowBytes === undefined ? {} : { windowBytes }),
  };
}

/** Nothing where the server has no byte ranges: the whole file would have to be read. */
async function fetchTail(url: string, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array();
  return (await fetchPart(url, `bytes=-${length}`)) ?? new Uint8Array();
}

async function fetchChecksums(rootfsUrl: string): Promise<{ checksums?: Checksums }> {
  const url = `${directoryOf(rootfsUrl)}/SHA256SUMS`;
  const text = await fetchOptionalText(url, (bytes) => requireChecksumsSize(url, bytes));
  return text === undefined ? {} : { checksums: parseChecksums(url, text) };
}

async function fetchSeedFile(baseUrl: string, name: string): Promise<SeedFile> {
  return { name, content: await fetchText(`${baseUrl}/${name}`) };
}

function combine(problems: unknown[]): Error {
  const message = problems.map(describeError).join('; ');
  const userCanMend = problems.every((problem) => problem instanceof InputError);
  return userCanMend ? new InputError(message) : new HostError(message);
}
