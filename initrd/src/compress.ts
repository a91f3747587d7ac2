import { constants, zstdCompressSync } from 'node:zlib';

import { HostError } from '@pxeboot/config/kit/errors';
import { execa } from 'execa';

export type Compression = 'zstd' | 'xz';

export interface CompressOptions {
  compression: Compression;
  /** zstd's level; lower is faster. */
  level: number;
}

/** The kernel unpacks windows up to 2^27 bytes (lib/decompress_unzstd.c, ZSTD_WINDOWSIZE_MAX) and takes that much memory
 * beside the archive while it does: 2^25 saves 0.4 MB against the level's own 2^23 and costs 32 MB for two seconds. */
const windowLog = 25;

/** Compresses an archive to what the kernel's initramfs code reads. Equal input gives equal bytes: zstd's do not depend
 * on the number of workers, xz has one thread. */
export async function compress(pieces: readonly Uint8Array[], options: CompressOptions): Promise<Uint8Array> {
  const archive = Buffer.concat(pieces);
  if (options.compression === 'xz') return compressWithXz(archive);
  return zstdCompressSync(archive, {
    params: {
      [constants.ZSTD_c_compressionLevel]: options.level,
      [constants.ZSTD_c_nbWorkers]: 2,
      [constants.ZSTD_c_windowLog]: windowLog,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

async function compressWithXz(archive: Buffer): Promise<Uint8Array> {
  try {
    // The kernel knows no SHA-256 or CRC-64 check (Documentation/staging/xz.rst).
    const args = ['--check=crc32', '--threads=1', '--lzma2=preset=9', '--stdout'];
    const result = await execa('xz', args, { input: archive, encoding: 'buffer', timeout: 15 * 60_000 });
    return result.stdout;
  } catch (error) {
    throw new HostError('compress the initrd with xz', { cause: error });
  }
}
