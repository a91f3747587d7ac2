import { gzipUnpackedBytes, zstdUnpackedBytes } from './unpacked-size.ts';

/** The programs that unpack a tarball, each with the way to its unpacked length. */
const sizeReaders = {
  gzip: { range: 'bytes=-4', unpackedBytes: gzipUnpackedBytes },
  zstd: { range: 'bytes=0-17', unpackedBytes: zstdUnpackedBytes },
};

/** A program that unpacks a tarball. */
export type Decompressor = keyof typeof sizeReaders;

/** By the tarball's name. */
export function decompressorFor(url: string): Decompressor {
  return new URL(url).pathname.endsWith('.zst') ? 'zstd' : 'gzip';
}

/** How the unpacked length of a tarball is read: the bytes at its beginning or end that tell it, as the value of a Range
 * header, and what they say.
 * @see gzipUnpackedBytes, zstdUnpackedBytes */
export function sizeReaderFor(decompressor: Decompressor): (typeof sizeReaders)[Decompressor] {
  return sizeReaders[decompressor];
}
