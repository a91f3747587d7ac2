import type { Packing } from '@pxeboot/config/kit/packing';

/** A program and its arguments, from standard input to standard output. */
export interface Decompressor {
  file: string;
  args: readonly string[];
}

/** xz with one thread: with more it takes a multiple of the memory, as much as a quarter of the machine's (xz(1), -T). zstd takes windows
 * of up to 128 MiB without a word; larger ones are refused (packed-archive.ts). */
const decompressors: Record<Exclude<Packing, 'tar'>, Decompressor> = {
  gzip: { file: 'gzip', args: ['-d', '-c'] },
  zstd: { file: 'zstd', args: ['-d', '-c'] },
  xz: { file: 'xz', args: ['-d', '-c', '--threads=1'] },
  bzip2: { file: 'bzip2', args: ['-d', '-c'] },
};

/** The program that unpacks what is packed so; none for what is a plain tar. */
export function decompressorFor(packing: Packing): Decompressor | undefined {
  return packing === 'tar' ? undefined : decompressors[packing];
}
