import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';
import { seedNames } from '@pxeboot/config/contract/seed';
import { describeError, HostError, InputError } from '@pxeboot/config/kit/errors';

import { fetchLength, fetchOptionalText, fetchPart, fetchText } from '../fetch/document.ts';
import type { Checksums } from '../plan/checksums.ts';
import { directoryOf, parseChecksums, requireChecksumsSize } from '../plan/checksums.ts';
import { decompressorFor, sizeReaderFor } from '../plan/decompressor.ts';
import type { SeedFile, SourceFacts } from '../plan/facts.ts';

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

async function probeRootfs(url: string): Promise<Pick<SourceFacts, 'rootfsBytes' | 'unpackedBytes'>> {
  const rootfsBytes = await fetchLength(url);
  const reader = sizeReaderFor(decompressorFor(url));
  const part = await fetchPart(url, reader.range);
  const unpackedBytes = part === undefined ? undefined : reader.unpackedBytes(part, rootfsBytes);
  return { rootfsBytes, ...(unpackedBytes === undefined ? {} : { unpackedBytes }) };
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
